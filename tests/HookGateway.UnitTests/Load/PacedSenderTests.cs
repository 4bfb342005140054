using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using HookGateway.Load.Loading;
using HookGateway.Load.Peers;
using HookGateway.Testing;
using Xunit;

namespace HookGateway.UnitTests.Load;

public sealed class PacedSenderTests : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);

    public PacedSenderTests() => _listener.Start();

    public void Dispose() => _listener.Dispose();

    [Fact]
    public async Task RunAsync_WithAllConnectionsTaken_WaitsForOneAndCountsTheWait()
    {
        await using var peer = new ListeningPeer(_listener);
        var posts = new PacedPost[4];
        using var sender = new PacedSender(rate: 1000, peer, new Receipts("run", posts.Length), posts, mostConnections: 2);

        var began = Stopwatch.GetTimestamp();
        var sending = sender.RunAsync(began, TestContext.Current.CancellationToken);
        using var first = await AcceptAsync();
        using var second = await AcceptAsync();
        await ReadAsync(first, "run-0000000000");
        await ReadAsync(second, "run-0000000001");
        await Wait.UntilAsync(() => sender.IsHeldUp && Stopwatch.GetElapsedTime(began).TotalMilliseconds > 4, "the turns of all");
        await AnswerAsync(first);
        await ReadAsync(first, "run-0000000002");
        await AnswerAsync(first);
        await ReadAsync(first, "run-0000000003");
        await AnswerAsync(first);
        await AnswerAsync(second);

        await Wait.UntilAsync(() => sender.Answered == posts.Length, "an answer to every event");
        await sending;
        Assert.All(posts, post => Assert.Equal(202, post.Status));
        Assert.True(posts[2].Sent < posts[0].Answered);
        Assert.Equal(3, Stopwatch.GetElapsedTime(began, posts[3].Sent).TotalMilliseconds, tolerance: 0.01);
    }

    [Fact]
    public async Task RunAsync_WhereConnectionsFail_MakesNewOnes()
    {
        await using var peer = new ListeningPeer(_listener);
        var posts = new PacedPost[4];
        using var sender = new PacedSender(rate: 1000, peer, new Receipts("run", posts.Length), posts, mostConnections: 1);

        var sending = sender.RunAsync(Stopwatch.GetTimestamp(), TestContext.Current.CancellationToken);
        for (var i = 0; i < posts.Length; i++)
        {
            using var accepted = await AcceptAsync();
            await ReadAsync(accepted, $"run-000000000{i}");
        }

        await sending;
        await Wait.UntilAsync(() => sender.Answered == posts.Length, "the end of every post");
        Assert.All(posts, post => Assert.Equal(0, post.Status));
    }

    private Task<Socket> AcceptAsync() =>
        Wait.ForAsync(_listener.AcceptSocketAsync(TestContext.Current.CancellationToken).AsTask(), "a connection");

    private static async Task ReadAsync(Socket socket, string id)
    {
        var (text, buffer) = (new StringBuilder(), new byte[4096]);
        while (!text.ToString().Contains(id, StringComparison.Ordinal))
        {
            var read = await Wait.ForAsync(socket.ReceiveAsync(buffer), $"the event {id}");
            Assert.True(read > 0);
            text.Append(Encoding.ASCII.GetString(buffer, 0, read));
        }
    }

    private static Task<int> AnswerAsync(Socket socket) =>
        socket.SendAsync(Encoding.ASCII.GetBytes("HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n"));

    private sealed class ListeningPeer(TcpListener listener) : Peer(new Candidate { Name = "listener", Kind = PeerKind.Kestrel })
    {
        public override Uri Url => new($"http://{listener.LocalEndpoint}/hooks/sysaid");

        public override IReadOnlyList<int> ProcessIds => [];

        protected override Task StartAsync() => Task.CompletedTask;

        public override ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
