using System.Net;
using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using HookGateway.Configuration;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace HookGateway.Edge;

/// <summary>
/// The certificate that senders see: read from PEM files, with its chain, and read again when they change. The files are
/// polled by content: Kubernetes swaps mounted files by a symbolic link, of which a file watcher sees nothing.
/// </summary>
internal sealed class ServerCertificate : BackgroundService
{
    private static readonly TimeSpan PollEvery = TimeSpan.FromSeconds(2);
    private static readonly List<SslApplicationProtocol> Protocols = [SslApplicationProtocol.Http2, SslApplicationProtocol.Http11];

    private readonly HttpsListenerConfiguration? _listener;
    private readonly TimeProvider _time;
    private readonly ILogger<ServerCertificate> _logger;
    private byte[] _inUse = [];
    private volatile SslServerAuthenticationOptions? _current;

    public ServerCertificate(GatewayConfiguration configuration, TimeProvider time, ILogger<ServerCertificate> logger)
    {
        _listener = configuration.Listen.Https;
        _time = time;
        _logger = logger;
    }

    /// <summary>What Kestrel asks at each handshake.</summary>
    public TlsHandshakeCallbackOptions Handshake() => new()
    {
        OnConnection = _ => new ValueTask<SslServerAuthenticationOptions>(_current!),
    };

    /// <summary>Loads the first one.</summary>
    /// <exception cref="CryptographicException">The files hold no usable certificate and key.</exception>
    /// <exception cref="IOException">They cannot be read.</exception>
    public void Load()
    {
        if (_listener?.CertificatePath is { } path)
        {
            try
            {
                Reload();
            }
            catch (CryptographicException error)
            {
                throw new CryptographicException($"The certificate {path} with the key {_listener.KeyPath} cannot be used: {error.Message}", error);
            }
        }
        else if (_listener is not null)
        {
            _logger.SelfSigned();
            _current = Present(SignSelf(_time.GetUtcNow()), []);
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (_listener?.CertificatePath is null)
            return;

        using var timer = new PeriodicTimer(PollEvery, _time);
        while (await timer.WaitForNextTickAsync(stoppingToken).ConfigureAwait(false))
        {
            try
            {
                Reload();
            }
            catch (Exception error) when (!stoppingToken.IsCancellationRequested)
            {
                // Whatever it is: a loop that fails would stop the whole gateway.
                _logger.CertificateRefused(_listener.CertificatePath, error.Message);
            }
        }
    }

    private void Reload()
    {
        var certificatePem = File.ReadAllText(_listener!.CertificatePath!);
        var keyPem = File.ReadAllText(_listener.KeyPath!);
        var digest = SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(certificatePem + "\0" + keyPem));
        if (digest.AsSpan().SequenceEqual(_inUse))
            return;

        // A bad pair is complained of once, not at every poll.
        _inUse = digest;
        using var paired = X509Certificate2.CreateFromPem(certificatePem, keyPem);

        // Through PKCS #12: a key that lives only in memory cannot be used by every platform's TLS.
        var certificate = X509CertificateLoader.LoadPkcs12(paired.Export(X509ContentType.Pkcs12), null);
        var chain = new X509Certificate2Collection();
        chain.ImportFromPem(certificatePem);
        _current = Present(certificate, chain);
        _logger.CertificateLoaded(_listener.CertificatePath!, certificate.Subject, certificate.NotAfter.ToUniversalTime());
    }

    private static SslServerAuthenticationOptions Present(X509Certificate2 certificate, X509Certificate2Collection chain) => new()
    {
        // Offline: what the sender gets is in the file, and no handshake waits for another server.
        ServerCertificateContext = SslStreamCertificateContext.Create(certificate, chain, offline: true),
        ApplicationProtocols = Protocols,
        EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
    };

    private static X509Certificate2 SignSelf(DateTimeOffset now)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=HookGateway self-signed", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("localhost");
        names.AddDnsName(Environment.MachineName);
        names.AddIpAddress(IPAddress.Loopback);
        names.AddIpAddress(IPAddress.IPv6Loopback);
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.1")], critical: false));
        using var signed = request.CreateSelfSigned(now.AddDays(-1), now.AddYears(1));
        return X509CertificateLoader.LoadPkcs12(signed.Export(X509ContentType.Pkcs12), null);
    }
}
