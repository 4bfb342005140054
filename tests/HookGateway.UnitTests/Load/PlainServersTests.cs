using System.Net.Sockets;
using HookGateway.Load.Peers;
using HookGateway.Testing;
using HookGateway.Testing.Downstream;
using Xunit;

namespace HookGateway.UnitTests.Load;

public sealed class PlainServersTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public async Task Yarp_WithSoManyDestinations_HasAConnectionOfItsOwnToEach(int destinations)
    {
        await using var downstream = RawDownstream.Start(AnswerAsync);
        var port = FreePorts.Take(1)[0];
        await using var yarp = PlainServers.Yarp(port, certificate: null, new Uri($"http://127.0.0.1:{downstream.Port}/"), destinations);
        await yarp.StartAsync(TestContext.Current.CancellationToken);
        using var client = new HttpClient();

        // Twice each, one after the other.
        for (var request = 0; request < 2 * destinations; request++)
            Assert.Equal("", await client.GetStringAsync($"http://127.0.0.1:{port}/", TestContext.Current.CancellationToken));

        Assert.Equal(destinations, downstream.Connections);
    }

    private static async Task AnswerAsync(Socket socket, CancellationToken cancel)
    {
        var buffer = new byte[4096];
        while (await socket.ReceiveAsync(buffer, cancel) > 0)
            await RawDownstream.SendAsync(socket, "HTTP/1.1 204 No Content\r\n\r\n", cancel);
    }
}
