using System.Net;

namespace HookGateway.Configuration;

/// <summary><c>listen</c>: where the gateway listens.</summary>
public sealed record ListenConfiguration
{
    /// <summary>HTTPS for senders, HTTP/1.1 and HTTP/2. Default <c>0.0.0.0:8443</c>; <see langword="null"/> for <c>https: off</c>.</summary>
    public HttpsListenerConfiguration? Https { get; init; }

    /// <summary>Plain HTTP for senders, where something else ends TLS. Off unless named.</summary>
    public IPEndPoint? Http { get; init; }

    /// <summary>The admin port: health, metrics, API.</summary>
    public required AdminListenerConfiguration Admin { get; init; }

    /// <summary>How senders reach the gateway, for printed addresses and signed URLs; no trailing slash.</summary>
    public Uri? PublicUrl { get; init; }

    /// <summary>Proxies whose <c>X-Forwarded-For</c> and <c>-Proto</c> count. Default none.</summary>
    public IReadOnlyList<IPNetwork> TrustedProxies { get; init; } = [];

    /// <summary>
    /// How long the gateway goes on, not ready, once it is told to end, and ends each connection with an answer. Default 0: the
    /// ports close at once.
    /// </summary>
    public TimeSpan Drain { get; init; }
}

/// <summary><c>listen.https</c>.</summary>
public sealed record HttpsListenerConfiguration
{
    /// <summary>Address and port; port 0 takes a free one.</summary>
    public required IPEndPoint Address { get; init; }

    /// <summary>PEM file of the certificate and its chain, an absolute path; without it a self-signed one is made at start.</summary>
    public string? CertificatePath { get; init; }

    /// <summary>PEM file of the private key, an absolute path; given exactly where <see cref="CertificatePath"/> is.</summary>
    public string? KeyPath { get; init; }
}

/// <summary><c>listen.admin</c>.</summary>
public sealed record AdminListenerConfiguration
{
    /// <summary>Address and port. Default <c>127.0.0.1:9080</c>. An address beyond loopback needs a token.</summary>
    public required IPEndPoint Address { get; init; }

    /// <summary>Asked for as a bearer token by everything but health; <see langword="null"/> where none is configured.</summary>
    public string? Token { get; init; }
}
