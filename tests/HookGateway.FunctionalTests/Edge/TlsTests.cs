using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using HookGateway.FunctionalTests.MainJob;
using HookGateway.Testing;
using HookGateway.Testing.Gateway;
using HookGateway.Testing.Senders;
using Xunit;

namespace HookGateway.FunctionalTests.Edge;

/// <summary>HTTPS as senders meet it.</summary>
public sealed class TlsTests : IDisposable
{
    private readonly TemporaryDirectory _files = new();

    public void Dispose() => _files.Dispose();

    [Theory]
    [InlineData("1.1")]
    [InlineData("2.0")]
    public async Task Https_BothVersionsOfHttp_TakeEvents(string version)
    {
        await using var gateway = await GatewayProcess.StartAsync(Configuration);
        var body = SysAidEvent.Created(1);
        using var sender = SenderOf(gateway);
        using var request = new HttpRequestMessage(HttpMethod.Post, sender.Url)
        {
            Content = new ByteArrayContent(body),
            Version = Version.Parse(version),
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };
        request.Headers.Add(SysAidSender.SignatureHeader, sender.Sign(body));

        using var answer = await gateway.Client.SendAsync(request, TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.Accepted, answer.StatusCode);
        Assert.Equal(Version.Parse(version), answer.Version);
    }

    [Fact]
    public async Task Https_NoCertificateNamed_SignsItselfAndWarns()
    {
        await using var gateway = await GatewayProcess.StartAsync(Configuration);

        Assert.Contains("signed itself", gateway.Output, StringComparison.Ordinal);
        Assert.Equal("CN=HookGateway self-signed", (await PresentedAsync(gateway))[0].Subject);
    }

    [Fact]
    public async Task Https_CertificateWithIntermediate_PresentsTheWholeChain()
    {
        var certificate = TestCertificate.WithIntermediate();
        await using var gateway = await StartAsync(certificate);

        var presented = await PresentedAsync(gateway);

        Assert.Equal(certificate.Thumbprint, presented[0].Thumbprint);
        Assert.True(presented.Count >= 2, "the intermediate is missing");
    }

    [Fact]
    public async Task Https_CertificateFilesChange_TheNewOneIsPresentedWithoutARestart()
    {
        var first = TestCertificate.SelfSigned();
        await using var gateway = await StartAsync(first);
        Assert.Equal(first.Thumbprint, (await PresentedAsync(gateway))[0].Thumbprint);

        var second = TestCertificate.SelfSigned();
        second.WriteTo(_files.Path);

        await Wait.UntilAsync(
            async () => (await PresentedAsync(gateway))[0].Thumbprint == second.Thumbprint, "the new certificate");
    }

    [Fact]
    public async Task Https_CertificateFilesChangeToNonsense_TheOldOneStaysAndTheLogSaysSo()
    {
        var first = TestCertificate.SelfSigned();
        await using var gateway = await StartAsync(first);

        _files.Write("tls.crt", "nonsense");

        await Wait.UntilAsync(
            () => gateway.Output.Contains("stays in use", StringComparison.Ordinal), "the complaint about the certificate");
        Assert.Equal(first.Thumbprint, (await PresentedAsync(gateway))[0].Thumbprint);
    }

    private Task<GatewayProcess> StartAsync(TestCertificate certificate)
    {
        var (path, key) = certificate.WriteTo(_files.Path);
        return GatewayProcess.StartAsync(ports => Configuration(ports).Replace(
            $"{ports.Https}\" }}", $"{ports.Https}\", certificate: {path}, key: {key} }}", StringComparison.Ordinal));
    }

    private static SysAidSender SenderOf(GatewayProcess gateway) =>
        new(new Uri(gateway.HttpsUrl, "/hooks/sysaid"), SysAidGateway.Secret);

    private static string Configuration(GatewayPorts ports) => $$"""
        {{ports.Listen}}
        sources:
          sysaid: { preset: sysaid, secrets: ["{{SysAidGateway.Secret}}"] }
        """;

    [SuppressMessage("Security", "CA5359", Justification = "The test looks at what is presented.")]
    private static async Task<IReadOnlyList<X509Certificate2>> PresentedAsync(GatewayProcess gateway)
    {
        List<X509Certificate2> presented = [];
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, gateway.Ports.Https);
        await using var tls = new SslStream(client.GetStream(), leaveInnerStreamOpen: false, (_, certificate, chain, _) =>
        {
            presented.Add(new X509Certificate2(certificate!));
            presented.AddRange(chain!.ChainPolicy.ExtraStore);
            return true;
        });
        await tls.AuthenticateAsClientAsync("localhost");
        return presented;
    }
}
