using System.Net;
using System.Net.Sockets;
using HookGateway.Deliver.Outbound;
using HookGateway.Events;
using HookGateway.Testing.Downstream;
using HookGateway.UnitTests.Configuration;
using Xunit;

namespace HookGateway.UnitTests.Deliver.Outbound;

public sealed class EgressGuardTests
{
    private const string Answer = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";

    [Theory]
    [InlineData("", "10.0.0.1", true)]
    [InlineData("", "127.0.0.1", true)]
    [InlineData("", "::1", true)]
    [InlineData("", "169.254.169.254", false)]
    [InlineData("", "169.254.170.2", false)]
    [InlineData("", "::ffff:169.254.169.254", false)]
    [InlineData("", "64:ff9b::a9fe:a9fe", false)]
    [InlineData("", "64:ff9b::808:808", true)]
    [InlineData("", "fe80::1", false)]
    [InlineData("", "fe80::1%1", false)]
    [InlineData("", "fd00:ec2::254", false)]
    [InlineData("", "fd20:ce::254", false)]
    [InlineData("", "100.100.100.200", false)]
    [InlineData("", "192.0.0.192", false)]
    [InlineData("", "168.63.129.16", false)]
    [InlineData("allow: [169.254.169.254]", "169.254.169.254", true)]
    [InlineData("allow: [169.254.169.254]", "169.254.169.253", false)]
    [InlineData("allow: [169.254.0.0/16]", "169.254.169.253", true)]
    [InlineData("allow: [0.0.0.0/0]", "169.254.169.254", false)]
    [InlineData("deny: [10.0.0.0/8]", "10.1.2.3", false)]
    [InlineData("deny: [10.0.0.0/8]", "::ffff:10.1.2.3", false)]
    [InlineData("deny: [10.0.0.0/8]", "11.1.2.3", true)]
    [InlineData("{ deny: [10.0.0.0/8], allow: [10.1.0.0/16] }", "10.1.2.3", true)]
    [InlineData("{ deny: [10.0.0.0/8, 10.1.2.0/24], allow: [10.1.0.0/16] }", "10.1.2.3", false)]
    [InlineData("{ deny: [10.0.0.0/8], allow: [10.0.0.0/8] }", "10.1.2.3", true)]
    [InlineData("{ deny: [0.0.0.0/0, \"::/0\"], allow: [10.0.0.0/8] }", "10.1.2.3", true)]
    [InlineData("{ deny: [0.0.0.0/0, \"::/0\"], allow: [10.0.0.0/8] }", "2001:db8::1", false)]
    [InlineData("deny: [127.0.0.0/8]", "0.0.0.0", false)]
    [InlineData("deny: [\"::1\"]", "::", false)]
    public void Allows_Address_TheNarrowestNetworkDecides(string egress, string address, bool expected)
    {
        var lines = egress.StartsWith('{') || egress.Length == 0 ? egress : $"{{ {egress} }}";
        var guard = new EgressGuard(Given.Configuration($"{Given.Whole}\negress: {lines}"));

        Assert.Equal(expected, guard.Allows(IPAddress.Parse(address)));
    }

    [Theory]
    [InlineData("127.0.0.1", "127.0.0.0/8", "127.0.0.1")]
    [InlineData("localhost", "127.0.0.0/8, \"::1\"", "127.0.0.1|::1")]
    [InlineData("[::ffff:127.0.0.1]", "127.0.0.0/8", "::ffff:127.0.0.1")]
    [InlineData("0.0.0.0", "127.0.0.0/8", "0.0.0.0")]
    [InlineData("2130706433", "127.0.0.0/8", "127.0.0.1")]
    public async Task Send_DeniedAddress_IsAFailedAttemptAndNobodyIsDialled(string host, string deny, string shown)
    {
        await using var downstream = RawDownstream.Saying(Answer);
        await using var outbox = Outbox.Of($"url: \"http://{host}:{downstream.Port}/hook\"", $"egress: {{ deny: [{deny}] }}");

        var result = await outbox.SendAsync();

        Assert.Equal((null, DeliveryError.Connect), (result.StatusCode, result.Error));
        Assert.Contains(result.Detail, shown.Split('|').Select(address => $"no connection: the address {address} is denied by egress"));
        Assert.Equal(0, downstream.Connections);
        Assert.True(result.SpeaksAgainstDestination);
    }

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("localhost")]
    public async Task Send_AllowedWithinADeniedNetwork_Arrives(string host)
    {
        await using var downstream = RawDownstream.Saying(Answer);
        await using var outbox = Outbox.Of(
            $"url: http://{host}:{downstream.Port}/hook", "egress: { deny: [0.0.0.0/0, \"::/0\"], allow: [127.0.0.1] }");

        Assert.Equal(200, (await outbox.SendAsync()).StatusCode);
    }

    [Fact]
    public async Task Send_OverIPv6_IsGuardedToo()
    {
        Assert.SkipUnless(Socket.OSSupportsIPv6, "Needs IPv6.");
        await using var downstream = RawDownstream.Start(
            (socket, cancel) => RawDownstream.SendAsync(socket, Answer, cancel), IPAddress.IPv6Loopback);
        await using var open = Outbox.Of($"url: \"http://[::1]:{downstream.Port}/hook\"");
        await using var closed = Outbox.Of($"url: \"http://[::1]:{downstream.Port}/hook\"", "egress: { deny: [\"::1\"] }");

        Assert.Equal(200, (await open.SendAsync()).StatusCode);
        Assert.Equal(DeliveryError.Connect, (await closed.SendAsync()).Error);
        Assert.Equal(1, downstream.Connections);
    }

    [Fact]
    public async Task Send_MetadataAddress_IsDeniedUnasked()
    {
        await using var outbox = Outbox.Of("url: http://169.254.169.254/latest/meta-data");

        Assert.Equal("no connection: the address 169.254.169.254 is denied by egress", (await outbox.SendAsync()).Detail);
    }
}
