using System.Text.Json;
using HookGateway.Load.Loading;
using HookGateway.Load.Peers;
using HookGateway.Testing;
using HookGateway.Testing.Downstream;
using Microsoft.AspNetCore.Builder;
using Xunit;

namespace HookGateway.UnitTests.Load;

public sealed class PacedLoadTests : IDisposable
{
    private const int Rate = 100;
    private static readonly TimeSpan Time = TimeSpan.FromMilliseconds(500);

    private readonly TemporaryDirectory _directory = new();
    private readonly HttpClient _client = new();

    public void Dispose()
    {
        _client.Dispose();
        _directory.Dispose();
    }

    [Fact]
    public async Task Run_ThroughYarp_CountsEveryEventAtBothEnds()
    {
        await using var receiver = await LagReceiver.StartAsync();
        await using var peer = await RunningPeer.StartAsync(PeerKind.Yarp, port => PlainServers.Yarp(port, certificate: null, receiver.Url));

        var result = await RunAsync(receiver, peer);

        Assert.Equal((50, 50, 0, 0), (result.Requests, result.Accepted, result.Failed, result.Unanswered));
        Assert.Equal(50, await receiver.CountAsync(CancellationToken.None));
        Assert.True(result is { P50: > 0 } && result.P50 <= result.P99 && result.P99 <= result.Longest);
        Assert.Null(result.Paced!.LagP50);
    }

    [Fact]
    public async Task Run_AtBareKestrel_IsAnsweredAndDeliversNothing()
    {
        await using var receiver = await LagReceiver.StartAsync();
        await using var peer = await RunningPeer.StartAsync(PeerKind.Kestrel, port => PlainServers.Kestrel(port, certificate: null));

        var result = await RunAsync(receiver, peer);

        Assert.Equal(50, result.Accepted);
        Assert.Equal(0, await receiver.CountAsync(CancellationToken.None));
    }

    [Fact]
    public async Task Run_AtKestrelThatKeepsBodies_IsAnsweredAndDeliversNothing()
    {
        await using var receiver = await LagReceiver.StartAsync();
        await using var peer = await RunningPeer.StartAsync(PeerKind.Synced, port => PlainServers.Synced(port, certificate: null, _directory.Path));

        var result = await RunAsync(receiver, peer);

        Assert.Equal(50, result.Accepted);
        Assert.Equal(0, await receiver.CountAsync(CancellationToken.None));
    }

    [Fact]
    public async Task Run_AtAGateway_WaitsForEveryReceiptAndTellsItsLag()
    {
        await using var receiver = await LagReceiver.StartAsync();
        var delivered = new SemaphoreSlim(0);
        await using var gateway = await Receiver.StartAsync();
        gateway.AnswerWith(arrival =>
        {
            _ = DeliverAsync(receiver.Url, arrival.Body, delivered.WaitAsync());
            return Answer.Status(202);
        });
        await using var peer = new RunningPeer(PeerKind.Gateway, gateway.Url, server: null);

        var running = RunAsync(receiver, peer);
        await gateway.WaitForAsync(50);

        // The probe's file goes once every answer is there: now only the receipts are missing.
        await Wait.UntilAsync(() => Directory.GetFiles(_directory.Path).Length == 0, "the end of the answers");
        Assert.False(running.IsCompleted);
        delivered.Release(50);
        var result = await Wait.ForAsync(running, "the run to end");

        Assert.Equal(50, result.Accepted);
        Assert.True(result.Paced is { LagP50: > 0 } paced && paced.LagP99 >= paced.LagP50);
    }

    [Fact]
    public async Task Run_OfAnswersThatAreFailures_AcceptsNothing()
    {
        await using var receiver = await LagReceiver.StartAsync();
        await using var gateway = await Receiver.StartAsync();
        gateway.AnswerWith(_ => Answer.Status(503));
        await using var peer = new RunningPeer(PeerKind.Gateway, gateway.Url, server: null);

        var result = await RunAsync(receiver, peer);

        Assert.Equal((0, 50), (result.Accepted, result.Failed));
    }

    private Task<LoadResult> RunAsync(LagReceiver receiver, Peer peer) =>
        new PacedLoad(Rate, receiver, _directory.Path).RunAsync(peer, Time, CancellationToken.None);

    private async Task DeliverAsync(Uri url, byte[] body, Task gate)
    {
        await gate;
        using var request = new HttpRequestMessage(HttpMethod.Post, url) { Content = new ByteArrayContent(body) };
        request.Headers.Add("X-HookGateway-Source-Id", JsonDocument.Parse(body).RootElement.GetProperty("id").GetString());
        using var answer = await _client.SendAsync(request);
    }

    /// <summary>A server in the test's own process.</summary>
    private sealed class RunningPeer(PeerKind kind, Uri url, WebApplication? server) : Peer(Rows.Candidate(kind))
    {
        public override Uri Url => url;

        public override IReadOnlyList<int> ProcessIds => [];

        public static async Task<RunningPeer> StartAsync(PeerKind kind, Func<int, WebApplication> build)
        {
            var port = FreePorts.Take(1)[0];
            var server = build(port);
            await server.StartAsync();
            return new RunningPeer(kind, new Uri($"http://127.0.0.1:{port}/hooks/sysaid"), server);
        }

        public override ValueTask DisposeAsync() => server?.DisposeAsync() ?? ValueTask.CompletedTask;

        protected override Task StartAsync() => Task.CompletedTask;
    }
}
