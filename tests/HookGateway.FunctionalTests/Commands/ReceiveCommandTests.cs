using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using HookGateway.Host.Commands;
using HookGateway.Testing;
using HookGateway.Testing.Senders;
using Xunit;

namespace HookGateway.FunctionalTests.Commands;

public sealed class ReceiveCommandTests
{
    [Fact]
    public async Task Request_OnAnyPath_IsToldWithWhatItCarries()
    {
        await using var receive = await RunningReceive.StartAsync("--json", "--status", "204");
        var body = SysAidEvent.Created(148);

        var answer = await receive.PostAsync(
            "/any/path?x=1", body, ("webhook-id", "0199"), ("X-HookGateway-Event", "sr.created"), ("X-HookGateway-Attempt", "2"));

        Assert.Equal(204, answer.Status);
        using var line = JsonDocument.Parse((await receive.OutputAsync("0199")).Trim());
        Assert.Equal("/any/path?x=1", line.RootElement.GetProperty("path").GetString());
        Assert.Equal("sr.created", line.RootElement.GetProperty("event").GetString());
        Assert.Equal("2", line.RootElement.GetProperty("attempt").GetString());
        Assert.Equal(body.Length, line.RootElement.GetProperty("size").GetInt64());
        Assert.Equal(SysAidEvent.Text(body), line.RootElement.GetProperty("body").GetString());
    }

    [Fact]
    public async Task Fail_OfAHundredPercent_AnswersEveryRequestWith503()
    {
        await using var receive = await RunningReceive.StartAsync("--fail", "100");

        Assert.Equal(503, (await receive.PostAsync("/", SysAidEvent.Created(1))).Status);
    }

    [Fact]
    public async Task Delay_HoldsTheAnswerBack()
    {
        await using var receive = await RunningReceive.StartAsync("--delay", "300ms");
        var start = Stopwatch.GetTimestamp();

        await receive.PostAsync("/", SysAidEvent.Created(1));

        Assert.True(Stopwatch.GetElapsedTime(start) >= TimeSpan.FromMilliseconds(290));
    }

    [Fact]
    public async Task HugeBody_IsCountedWholeAndShownInPart()
    {
        await using var receive = await RunningReceive.StartAsync();

        await receive.PostAsync("/", SysAidEvent.OfSize(1, 5_000_000));

        var output = await receive.OutputAsync("bytes");
        Assert.Contains("5000", output);
        Assert.InRange(output.Length, 1, 2_000);
    }

    [Fact]
    public async Task ControlCharacters_NeverReachTheTerminal()
    {
        await using var receive = await RunningReceive.StartAsync();

        await receive.PostAsync("/", "red: \u001b[31m"u8.ToArray());

        Assert.DoesNotContain('\u001b', await receive.OutputAsync("red"));
    }

    [Theory]
    [InlineData("203.0.113.9")]
    [InlineData("127.0.0.1")]
    public async Task Address_ThatCannotBeHad_ExitsOneAndNamesIt(string address)
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        var port = ((IPEndPoint)taken.LocalEndpoint).Port;

        var result = await CommandResult.OfAsync("receive", "--address", address, "--port", $"{port}");

        Assert.Equal((1, ""), (result.ExitCode, result.Output));
        Assert.StartsWith($"Cannot listen on {address}:{port}: ", result.Error);
    }

    private sealed class RunningReceive(Task<int> run, CancellationTokenSource end, Uri url, StringWriter output) : IAsyncDisposable
    {
        public static async Task<RunningReceive> StartAsync(params string[] words)
        {
            var port = FreePorts.Take(1)[0];
            var output = new StringWriter();
            var error = new StringWriter();
            var end = new CancellationTokenSource();
            var (safeOutput, safeError) = (TextWriter.Synchronized(output), TextWriter.Synchronized(error));
            var run = CommandLine.RunAsync(["receive", "--port", $"{port}", .. words], safeOutput, safeError, end.Token);
            await Wait.UntilAsync(() => error.ToString().Contains("listening"), "the receiver to listen");
            return new RunningReceive(run, end, new Uri($"http://127.0.0.1:{port}"), output);
        }

        public async Task<SenderAnswer> PostAsync(string path, byte[] body, params (string Name, string Value)[] headers)
        {
            using var sender = new SysAidSender(new Uri(url, path), "unused");
            return await sender.PostAsync(body, headers);
        }

        public async Task<string> OutputAsync(string part)
        {
            await Wait.UntilAsync(() => output.ToString().Contains(part), $"'{part}' in the output");
            return output.ToString();
        }

        public async ValueTask DisposeAsync()
        {
            await end.CancelAsync();
            Assert.Equal(ExitCode.Done, await Wait.ForAsync(run, "the command to end"));
            end.Dispose();
        }
    }
}
