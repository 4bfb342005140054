using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using HookGateway.Configuration.Reading;

namespace HookGateway.Configuration.Sections;

/// <summary>Reads <c>tls</c> of a destination, and tries its files.</summary>
internal static class TlsReader
{
    public static TlsConfiguration? Read(MappingReader tls)
    {
        if (!tls.Has("ca") && !tls.Has("certificate") && !tls.Has("key"))
            tls.FaultHere("needs ca, or certificate and key");
        if (tls.Has("certificate") != tls.Has("key"))
            tls.Fault(tls.Has("key") ? "key" : "certificate", "certificate and key are given together, or neither");
        var configuration = new TlsConfiguration
        {
            CaPath = ReadFile(tls, "ca"),
            CertificatePath = ReadFile(tls, "certificate"),
            KeyPath = ReadFile(tls, "key"),
        };
        if (configuration.CaPath is { } ca && File.Exists(ca) && !Works(() => LoadAuthorities(ca)))
            tls.Fault("ca", "holds no certificate in PEM");
        if (configuration is { CertificatePath: { } certificate, KeyPath: { } key } && File.Exists(certificate) && File.Exists(key)
            && !Works(() => X509Certificate2.CreateFromPemFile(certificate, key).Dispose()))
        {
            tls.Fault("certificate", "no certificate in PEM that belongs to the key, or the key is encrypted");
        }

        return configuration;
    }

    private static string? ReadFile(MappingReader tls, string key)
    {
        var path = tls.Value(key, Kinds.Text) is { } written ? tls.Absolute(written) : null;
        if (path is not null && !File.Exists(path))
            tls.Fault(key, "there is no such file");
        return path;
    }

    private static void LoadAuthorities(string path)
    {
        var authorities = new X509Certificate2Collection();
        authorities.ImportFromPemFile(path);
        if (authorities.Count == 0)
            throw new CryptographicException();
    }

    private static bool Works(Action read)
    {
        try
        {
            read();
            return true;
        }
        catch (Exception error) when (error is CryptographicException or IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }
}
