using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace HookGateway.Testing;

/// <summary>A server certificate for <c>localhost</c> and 127.0.0.1, as the two PEM files that operators have.</summary>
/// <param name="Certificate">PEM: the certificate, and the intermediate after it where there is one.</param>
/// <param name="Key">PEM: the private key.</param>
/// <param name="Thumbprint">SHA-1 of the certificate, upper-case hex, to tell one from another.</param>
/// <param name="Root">PEM: what a client has to trust.</param>
public sealed record TestCertificate(string Certificate, string Key, string Thumbprint, string Root)
{
    /// <summary>One that signs itself.</summary>
    /// <param name="name">Its subject. Default <c>localhost</c>.</param>
    public static TestCertificate SelfSigned(string name = "localhost")
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var (from, to) = Validity();
        using var certificate = Server(name, key).CreateSelfSigned(from, to);
        var pem = certificate.ExportCertificatePem();
        return new TestCertificate(pem, key.ExportPkcs8PrivateKeyPem(), certificate.Thumbprint, pem);
    }

    /// <summary>One that an intermediate of a root signed, so that the chain has to be sent.</summary>
    public static TestCertificate WithIntermediate(string name = "localhost")
    {
        var (from, to) = Validity();
        using var rootKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var intermediateKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var root = Authority("Test Root", rootKey).CreateSelfSigned(from, to);
        using var signed = Authority("Test Intermediate", intermediateKey).Create(root, from, to, Serial());
        using var intermediate = signed.CopyWithPrivateKey(intermediateKey);
        using var certificate = Server(name, key).Create(intermediate, from, to, Serial());
        return new TestCertificate(
            $"{certificate.ExportCertificatePem()}\n{intermediate.ExportCertificatePem()}\n",
            key.ExportPkcs8PrivateKeyPem(), certificate.Thumbprint, root.ExportCertificatePem());
    }

    /// <summary>Writes the files <c>NAME.crt</c> and <c>NAME.key</c>; certificates that are there are replaced.</summary>
    /// <returns>Their absolute paths.</returns>
    public (string Certificate, string Key) WriteTo(string directory, string name = "tls")
    {
        var paths = (Path.Combine(directory, $"{name}.crt"), Path.Combine(directory, $"{name}.key"));
        File.WriteAllText(paths.Item1, Certificate);
        File.WriteAllText(paths.Item2, Key);
        return paths;
    }

    private static CertificateRequest Server(string name, ECDsa key)
    {
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("localhost");
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, true));
        return request;
    }

    private static CertificateRequest Authority(string name, ECDsa key)
    {
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign, true));
        return request;
    }

    private static (DateTimeOffset From, DateTimeOffset To) Validity()
    {
        var now = TimeProvider.System.GetUtcNow();
        return (now.AddHours(-1), now.AddDays(1));
    }

    private static byte[] Serial() => RandomNumberGenerator.GetBytes(8);
}
