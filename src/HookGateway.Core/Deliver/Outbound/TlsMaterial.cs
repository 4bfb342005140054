using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using HookGateway.Configuration;

namespace HookGateway.Deliver.Outbound;

/// <summary>What a destination's PEM files held when they were read.</summary>
internal sealed class TlsMaterial
{
    private readonly X509Certificate2Collection? _authorities;
    private readonly SslStreamCertificateContext? _own;

    private TlsMaterial(byte[] digest, X509Certificate2Collection? authorities, SslStreamCertificateContext? own)
    {
        Digest = digest;
        _authorities = authorities;
        _own = own;
    }

    /// <summary>Of the files' content: tells one version from the next.</summary>
    public byte[] Digest { get; }

    /// <summary>Hashes the files as they are now.</summary>
    /// <exception cref="IOException">One cannot be read.</exception>
    public static byte[] DigestOf(TlsConfiguration tls) => SHA256.HashData(Encoding.UTF8.GetBytes(
        string.Join('\0', new[] { tls.CaPath, tls.CertificatePath, tls.KeyPath }.Select(path => path is null ? "" : File.ReadAllText(path)))));

    /// <exception cref="CryptographicException">They hold no usable certificates.</exception>
    /// <exception cref="IOException">One cannot be read.</exception>
    public static TlsMaterial Read(TlsConfiguration tls)
    {
        var digest = DigestOf(tls);
        X509Certificate2Collection? authorities = null;
        if (tls.CaPath is not null)
        {
            authorities = [];
            authorities.ImportFromPemFile(tls.CaPath);
            if (authorities.Count == 0)
                throw new CryptographicException("no certificate of an authority");
        }

        return new TlsMaterial(digest, authorities, tls.CertificatePath is null ? null : ReadOwn(tls.CertificatePath, tls.KeyPath!));
    }

    public void Apply(SslClientAuthenticationOptions options)
    {
        options.ClientCertificateContext = _own;
        if (_authorities is null)
            return;

        options.CertificateChainPolicy = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            RevocationMode = X509RevocationMode.NoCheck,
        };
        options.CertificateChainPolicy.CustomTrustStore.AddRange(_authorities);
    }

    private static SslStreamCertificateContext ReadOwn(string certificatePath, string keyPath)
    {
        using var paired = X509Certificate2.CreateFromPemFile(certificatePath, keyPath);
        var chain = new X509Certificate2Collection();
        chain.ImportFromPemFile(certificatePath);

        // Through PKCS #12: a key that lives only in memory cannot be used by every platform's TLS.
        var certificate = X509CertificateLoader.LoadPkcs12(paired.Export(X509ContentType.Pkcs12), null);
        return SslStreamCertificateContext.Create(certificate, chain, offline: true);
    }
}
