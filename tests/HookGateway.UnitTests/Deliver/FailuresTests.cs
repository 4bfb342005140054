using System.Net.Sockets;
using HookGateway.Deliver;
using HookGateway.Events;
using HookGateway.Testing;
using HookGateway.Testing.Downstream;
using HookGateway.UnitTests.Deliver.Outbound;
using Xunit;

namespace HookGateway.UnitTests.Deliver;

/// <summary>What downstreams do wrong, over real sockets, and the class that each becomes.</summary>
public sealed class FailuresTests
{
    private const string Ok = "HTTP/1.1 200 OK\r\n";

    [Theory]
    [InlineData("garbage \u0001\u0002\r\n\r\n", DeliveryError.Protocol)]
    [InlineData("SSH-2.0-OpenSSH_9.2\r\n", DeliveryError.Protocol)]
    [InlineData("HTTP/1.1 9999 Odd\r\n\r\n", DeliveryError.Protocol)]
    [InlineData("", DeliveryError.Reset)]
    [InlineData("HTTP/1.1 20", DeliveryError.Reset)]
    [InlineData("HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n", DeliveryError.Status)]
    [InlineData("HTTP/1.1 500 Oops\r\nContent-Length: 4\r\n\r\noops", DeliveryError.Status)]
    [InlineData(Ok + "Content-Length: 0\r\n\r\n", DeliveryError.None)]
    [InlineData(Ok + "\r\nuntil the end", DeliveryError.None)]
    [InlineData(Ok + "Content-Length: 100\r\n\r\nhalf", DeliveryError.None)]
    [InlineData(Ok + "Transfer-Encoding: chunked\r\n\r\n5\r\nhel", DeliveryError.None)]
    [InlineData(Ok + "Transfer-Encoding: chunked\r\n\r\nno chunk\r\n", DeliveryError.None)]
    public async Task Send_Answer_HasItsClass(string answer, DeliveryError expected)
    {
        await using var downstream = RawDownstream.Saying(answer);
        await using var outbox = Outbox.To(downstream.Port);

        var result = await outbox.SendAsync();

        Assert.Equal(expected, result.Error);
        Assert.DoesNotContain("127.0.0.1", result.Detail ?? "", StringComparison.Ordinal);
    }

    [Fact]
    public async Task Send_HeadersWithoutEnd_IsAProtocolFault()
    {
        await using var downstream = RawDownstream.Start(async (socket, cancel) =>
        {
            await RawDownstream.SendAsync(socket, Ok, cancel);
            for (var i = 0; ; i++)
                await RawDownstream.SendAsync(socket, $"X-{i}: {new string('x', 1000)}\r\n", cancel);
        });
        await using var outbox = Outbox.To(downstream.Port);

        Assert.Equal(DeliveryError.Protocol, (await outbox.SendAsync()).Error);
    }

    [Fact]
    public async Task Send_BodyWithoutEnd_IsReadOnlyToTheLimit()
    {
        var written = 0L;
        var ended = new TaskCompletionSource<bool>();
        await using var downstream = RawDownstream.Start(async (socket, cancel) =>
        {
            try
            {
                await RawDownstream.SendAsync(socket, Ok + "Content-Length: 1000000000000\r\n\r\n", cancel);
                while (true)
                    written += await socket.SendAsync(new byte[65536], cancel);
            }
            finally
            {
                ended.TrySetResult(true);
            }
        });
        await using var outbox = Outbox.To(downstream.Port);

        Assert.Equal(200, (await outbox.SendAsync()).StatusCode);
        await Wait.ForAsync(ended.Task, "the connection to be closed");
        Assert.InRange(written, 1, 64 * 1024 * 1024);
    }

    [Theory]
    [InlineData("")]
    [InlineData("HTTP/1.1 2")]
    [InlineData(Ok + "X-A: b\r\n")]
    public async Task Send_NoWholeHead_IsATimeout(string beginning)
    {
        await using var downstream = RawDownstream.Start(async (socket, cancel) =>
        {
            await RawDownstream.SendAsync(socket, beginning, cancel);
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancel);
        });
        await using var outbox = Outbox.To(downstream.Port, more: "timeout: 300ms");

        var result = await outbox.SendAsync();

        Assert.Equal((DeliveryError.Timeout, "no answer within 0.3 s"), (result.Error, result.Detail));
    }

    [Fact]
    public async Task Send_BodyThatDrips_EndsWithTheTimeAndTheStatusStands()
    {
        await using var downstream = RawDownstream.Start(async (socket, cancel) =>
        {
            await RawDownstream.SendAsync(socket, Ok + "Content-Length: 100000\r\n\r\n", cancel);
            while (true)
            {
                await RawDownstream.SendAsync(socket, ".", cancel);
                await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, cancel);
            }
        });
        await using var outbox = Outbox.To(downstream.Port, more: "timeout: 5s");

        Assert.True((await outbox.SendAsync()).Succeeded);
    }

    [Fact]
    public async Task Send_ConnectionReset_IsAReset()
    {
        await using var downstream = RawDownstream.Start(async (socket, cancel) =>
        {
            await socket.ReceiveAsync(new byte[4096], cancel);
            socket.LingerState = new LingerOption(true, 0);
        });
        await using var outbox = Outbox.To(downstream.Port);

        var result = await outbox.SendAsync();

        Assert.Equal((DeliveryError.Reset, "the connection broke: ConnectionReset"), (result.Error, result.Detail));
    }

    [Theory]
    [InlineData("http://127.0.0.1:1/hook", DeliveryError.Connect, "no connection: ConnectionRefused")]
    [InlineData("http://no-such-host.invalid/hook", DeliveryError.Dns, "the name cannot be resolved")]
    public async Task Send_NobodyThere_HasItsClass(string url, DeliveryError error, string detail)
    {
        await using var outbox = Outbox.Of($"url: {url}");

        var result = await outbox.SendAsync();

        Assert.Equal((error, detail), (result.Error, result.Detail));
    }

    [Fact]
    public async Task Send_HttpsToWhatSpeaksNoTls_IsATlsFault()
    {
        await using var downstream = RawDownstream.Saying("HTTP/1.1 400 Bad Request\r\n\r\n");
        await using var outbox = Outbox.Of($"url: https://127.0.0.1:{downstream.Port}/hook");

        Assert.Equal(DeliveryError.Tls, (await outbox.SendAsync()).Error);
    }
}
