using Xunit;

namespace HookGateway.UnitTests.Configuration.Sections;

public sealed class ListenReaderTests
{
    [Fact]
    public void Listen_EverythingGiven_IsRead()
    {
        var listen = Given.Configuration("""
            listen:
              https: { address: "*:0" }
              http: { address: "127.0.0.1:8080" }
              admin: { address: "[::1]:9", token: "${SECRET}" }
              publicUrl: "https://hooks.example.com/in/"
              trustedProxies: [10.0.0.0/8, 192.0.2.1]
              drain: 10s

            """ + Given.Whole).Listen;

        Assert.Equal(0, listen.Https!.Address.Port);
        Assert.Equal("127.0.0.1:8080", listen.Http!.ToString());
        Assert.Equal(("[::1]:9", "top-secret"), (listen.Admin.Address.ToString(), listen.Admin.Token));
        Assert.Equal("https://hooks.example.com/in", listen.PublicUrl!.AbsoluteUri);
        Assert.Equal(10, listen.Drain.TotalSeconds);
        Assert.Equal(["10.0.0.0/8", "192.0.2.1/32"], listen.TrustedProxies.Select(network => network.ToString()));
    }

    [Theory]
    [InlineData("\"${SECRET}\"", "top-secret")]
    [InlineData("\"${NONE:-}\"", null)]
    [InlineData("\"\"", null)]
    [InlineData("", null)]
    public void Token_EmptyOnPurpose_IsNone(string token, string? expected) =>
        Assert.Equal(expected, Given.Configuration($"listen: {{ admin: {{ token: {token} }} }}\n" + Given.Whole).Listen.Admin.Token);

    [Fact]
    public void Https_Off_IsNotListenedOn() =>
        Assert.Null(Given.Configuration("listen: { https: off, http: { address: \"127.0.0.1:1\" } }\n" + Given.Whole).Listen.Https);

    [Theory]
    [InlineData("{ https: off }", "1:1: listen: https is off and there is no http: nobody could send anything")]
    [InlineData("{ drain: 301s }", "1:18: listen.drain: expected a duration from 0d to 5m, such as 500ms, 10s, 5m, 24h or 7d, not '301s'")]
    [InlineData("{ https: on }", "1:18: listen.https: expected a mapping")]
    [InlineData("{ https: { certificate: a.crt } }", "1:33: listen.https.certificate: certificate and key are given together, or neither")]
    [InlineData("{ http: {} }", "1:11: listen.http: needs address: an address such as 127.0.0.1:8080, [::1]:8080, localhost:8080 or *:8080")]
    [InlineData("{ http: { address: 80 } }", "1:28: listen.http.address: expected an address such as 127.0.0.1:8080, [::1]:8080, localhost:8080 or *:8080, not '80'")]
    [InlineData("{ http: { address: \"127.0.0.1:9080\" } }", "1:1: listen.admin: http listens on the same address and port")]
    [InlineData("{ http: { address: \"127.0.0.1:8443\" } }", "1:17: listen.http: https listens on the same address and port")]
    [InlineData("{ admin: { address: \"0.0.0.0:9080\" } }", "1:29: listen.admin.address: other machines can reach it and there is no token: the gateway refuses to start")]
    [InlineData("{ admin: { address: \"0.0.0.0:9080\", token: \"${NONE}\" } }", "1:52: listen.admin.token: the environment variable NONE is not set or empty; ${NONE:-default} gives a default")]
    [InlineData("{ admin: { token: \"a b\" } }", "1:27: listen.admin.token: expected a token of ASCII letters, digits and signs, without spaces")]
    [InlineData("{ publicUrl: \"https://x.example/?a=b\" }", "1:22: listen.publicUrl: no query here: it is what the sources' paths are put after")]
    [InlineData("{ publicUrl: hooks.example.com }", "1:22: listen.publicUrl: expected an absolute http or https URL without user name and fragment")]
    [InlineData("{ trustedProxies: [10.0.0.0/8, all] }", "1:40: listen.trustedProxies: expected a network such as 10.0.0.0/8 (no bits set beyond the prefix) or an address, not 'all'")]
    [InlineData("{ htps: off }", "1:11: listen: unknown key 'htps'; did you mean 'https'?")]
    public void Listen_Wrong_IsAFaultAtItsPlace(string listen, string fault) =>
        Assert.Contains(fault, Given.Faults($"listen: {listen}\n" + Given.Whole));

    [Fact]
    public void Certificate_ThatIsNotThere_IsAFault()
    {
        var faults = Given.Faults("listen: { https: { certificate: /no/tls.crt, key: /no/tls.key } }\n" + Given.Whole);

        Assert.Equal(
            ["1:33: listen.https.certificate: there is no such file", "1:51: listen.https.key: there is no such file"],
            faults);
    }
}
