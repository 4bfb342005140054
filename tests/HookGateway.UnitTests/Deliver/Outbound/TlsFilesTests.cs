using HookGateway.Events;
using HookGateway.Testing;
using HookGateway.Testing.Downstream;
using Xunit;

namespace HookGateway.UnitTests.Deliver.Outbound;

public sealed class TlsFilesTests : IDisposable
{
    private readonly TemporaryDirectory _files = new();

    public void Dispose() => _files.Dispose();

    [Theory]
    [InlineData(true, DeliveryError.None)]
    [InlineData(false, DeliveryError.Tls)]
    public async Task Send_CustomAuthority_IsTrustedAndNoOther(bool own, DeliveryError expected)
    {
        var certificate = TestCertificate.SelfSigned();
        await using var downstream = await TlsDownstream.StartAsync(certificate);
        var ca = _files.Write("ca.pem", own ? certificate.Root : TestCertificate.SelfSigned().Root);
        await using var outbox = Outbox.Of($"url: https://localhost:{downstream.Port}/hook\ntls: {{ ca: {ca} }}");
        var result = await outbox.SendAsync();

        Assert.Equal(expected, result.Error);
    }

    [Fact]
    public async Task Send_NoAuthorityConfigured_TheSystemsDoNotTrustIt()
    {
        await using var downstream = await TlsDownstream.StartAsync(TestCertificate.SelfSigned());
        await using var outbox = Outbox.Of($"url: https://localhost:{downstream.Port}/hook");

        var result = await outbox.SendAsync();

        Assert.Equal(DeliveryError.Tls, result.Error);
        Assert.DoesNotContain(downstream.Port.ToString(System.Globalization.CultureInfo.InvariantCulture), result.Detail, StringComparison.Ordinal);
        Assert.Empty(downstream.Shown);
    }

    [Fact]
    public async Task Send_CertificateDemandedAndNoneConfigured_Fails()
    {
        var certificate = TestCertificate.SelfSigned();
        await using var downstream = await TlsDownstream.StartAsync(certificate, demandsCertificate: true);
        var ca = _files.Write("ca.pem", certificate.Root);
        await using var outbox = Outbox.Of($"url: https://localhost:{downstream.Port}/hook\ntls: {{ ca: {ca} }}");

        Assert.Null((await outbox.SendAsync()).StatusCode);
        Assert.Empty(downstream.Shown);
    }

    [Fact]
    public async Task Follow_FilesChange_NewConnectionsShowTheNewCertificate()
    {
        var certificate = TestCertificate.SelfSigned();
        await using var downstream = await TlsDownstream.StartAsync(certificate, demandsCertificate: true);
        var (first, second) = (TestCertificate.SelfSigned("first"), TestCertificate.SelfSigned("second"));
        var ca = _files.Write("ca.pem", certificate.Root);
        var (crt, key) = first.WriteTo(_files.Path, "me");
        await using var outbox = Outbox.Of(
            $"url: https://localhost:{downstream.Port}/hook\ntls: {{ ca: {ca}, certificate: {crt}, key: {key} }}");
        Assert.Equal(200, (await outbox.SendAsync()).StatusCode);

        _files.Write("me.crt", "no certificate");
        outbox.Tls.Follow();
        Assert.Equal(200, (await outbox.SendAsync()).StatusCode);
        Assert.All(downstream.Shown, shown => Assert.Equal(first.Thumbprint, shown));

        second.WriteTo(_files.Path, "me");
        outbox.Tls.Follow();
        await Wait.UntilAsync(
            async () => (await outbox.SendAsync()).StatusCode == 200 && downstream.Shown[^1] == second.Thumbprint, "the new certificate");
    }
}
