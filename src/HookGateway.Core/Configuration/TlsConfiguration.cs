namespace HookGateway.Configuration;

/// <summary><c>tls</c> of a destination. PEM files, absolute paths; followed when they change.</summary>
public sealed record TlsConfiguration
{
    /// <summary>Whose certificates are trusted, instead of the system's authorities; <see langword="null"/>: the system's.</summary>
    public string? CaPath { get; init; }

    /// <summary>The gateway's own certificate, its chain after it; <see langword="null"/>: none is shown.</summary>
    public string? CertificatePath { get; init; }

    /// <summary>Its private key, not encrypted; given exactly where <see cref="CertificatePath"/> is.</summary>
    public string? KeyPath { get; init; }
}
