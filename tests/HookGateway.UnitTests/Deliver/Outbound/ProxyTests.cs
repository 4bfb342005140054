using System.Text;
using HookGateway.Events;
using HookGateway.Testing;
using HookGateway.Testing.Downstream;
using Xunit;

namespace HookGateway.UnitTests.Deliver.Outbound;

public sealed class ProxyTests
{
    [Theory]
    [InlineData("http://tickets.invalid/hook", "POST http://tickets.invalid/hook HTTP/1.1", DeliveryError.None)]
    [InlineData("https://tickets.invalid/hook", "CONNECT tickets.invalid:443 HTTP/1.1", DeliveryError.Tls)]
    public async Task Send_Proxy_IsAskedForTheDestination(string url, string line, DeliveryError expected)
    {
        var asked = new TaskCompletionSource<string>();
        await using var proxy = RawDownstream.Start(async (socket, cancel) =>
        {
            var buffer = new byte[4096];
            var read = await socket.ReceiveAsync(buffer, cancel);
            asked.TrySetResult(Encoding.ASCII.GetString(buffer, 0, read).Split("\r\n")[0]);
            await RawDownstream.SendAsync(socket, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", cancel);
        });
        await using var outbox = Outbox.Of($"url: {url}\nproxy: http://127.0.0.1:{proxy.Port}");

        var result = await outbox.SendAsync();

        Assert.Equal(line, await asked.Task.WaitAsync(Wait.DefaultLimit, TestContext.Current.CancellationToken));
        Assert.Contains(result.Error, new[] { expected, expected == DeliveryError.Tls ? DeliveryError.Reset : expected });
    }

    [Theory]
    [InlineData("http://tickets.invalid/hook", "egress: { deny: [127.0.0.0/8] }")]
    [InlineData("http://169.254.169.254/hook", "")]
    [InlineData("http://[fe80::1]/hook", "")]
    public async Task Send_DeniedProxyOrDeniedAddressBehindIt_IsNotAsked(string url, string egress)
    {
        await using var proxy = RawDownstream.Saying("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
        await using var outbox = Outbox.Of($"url: \"{url}\"\nproxy: http://127.0.0.1:{proxy.Port}", egress);

        var result = await outbox.SendAsync();

        Assert.Equal(DeliveryError.Connect, result.Error);
        Assert.EndsWith("is denied by egress", result.Detail, StringComparison.Ordinal);
        Assert.Equal(0, proxy.Connections);
    }

    [Fact]
    public async Task Send_ProxyThatRefuses_IsAFailureToConnect()
    {
        await using var proxy = RawDownstream.Saying("HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n");
        await using var outbox = Outbox.Of($"url: https://tickets.invalid/hook\nproxy: http://127.0.0.1:{proxy.Port}");

        var result = await outbox.SendAsync();

        Assert.Equal((DeliveryError.Connect, "no connection: the proxy refused it"), (result.Error, result.Detail));
    }
}
