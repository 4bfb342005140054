using System.Security.Cryptography.X509Certificates;
using HookGateway.Testing;
using Xunit;

namespace HookGateway.FunctionalTests.Testing;

public sealed class TestCertificateTests
{
    [Fact]
    public void WithIntermediate_AsWritten_LeadsFromItsRootToItsKey()
    {
        using var directory = new TemporaryDirectory();
        var made = TestCertificate.WithIntermediate();
        var (certificatePath, keyPath) = made.WriteTo(directory.Path);

        using var certificate = X509Certificate2.CreateFromPemFile(certificatePath, keyPath);
        var sent = new X509Certificate2Collection();
        sent.ImportFromPemFile(certificatePath);
        using var root = X509Certificate2.CreateFromPem(made.Root);
        using var chain = new X509Chain();
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.Add(root);
        chain.ChainPolicy.ExtraStore.AddRange(sent);

        Assert.Equal(made.Thumbprint, certificate.Thumbprint);
        Assert.True(certificate.HasPrivateKey);
        Assert.True(chain.Build(certificate));
        Assert.Equal(3, chain.ChainElements.Count);
    }
}
