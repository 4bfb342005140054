namespace HookGateway.Events;

/// <summary>What came of one attempt to deliver.</summary>
public sealed record DeliveryAttempt
{
    /// <summary>The how-manieth attempt of its delivery, from 1.</summary>
    public required int Number { get; init; }

    /// <summary>When it began.</summary>
    public required DateTimeOffset StartedAt { get; init; }

    /// <summary>From its beginning to the end of the answer, or to the failure.</summary>
    public required TimeSpan Duration { get; init; }

    /// <summary>The downstream's HTTP status; <see langword="null"/> where it never answered.</summary>
    public int? StatusCode { get; init; }

    /// <summary>Why it failed; <see cref="DeliveryError.None"/> for a 2xx.</summary>
    public DeliveryError Error { get; init; }

    /// <summary>The failure in words, for people; never a secret, a body or a destination's full URL.</summary>
    public string? Detail { get; init; }

    /// <summary>
    /// The first 4 KiB of a failed attempt's answer, as UTF-8 text; <see langword="null"/> where there was none, and for a 2xx.
    /// It can repeat what the downstream was sent: only ever shown on the event's own page and API.
    /// </summary>
    public string? Answer { get; init; }
}

/// <summary>Classes of failure, as they stand in logs, traces and the event log.</summary>
public enum DeliveryError
{
    /// <summary>No failure.</summary>
    None = 0,

    /// <summary>The destination's name could not be resolved.</summary>
    Dns = 1,

    /// <summary>No connection.</summary>
    Connect = 2,

    /// <summary>The TLS handshake failed.</summary>
    Tls = 3,

    /// <summary>No answer within the destination's <c>timeout</c>.</summary>
    Timeout = 4,

    /// <summary>The connection broke while sending or receiving.</summary>
    Reset = 5,

    /// <summary>An answer that is not a 2xx.</summary>
    Status = 6,

    /// <summary>An answer that is not HTTP, or whose headers are larger than may be read.</summary>
    Protocol = 7,

    /// <summary>The destination's template could not be rendered; nothing was sent.</summary>
    Template = 8,

    /// <summary>There was no access token to be had for the destination; nothing was sent.</summary>
    Token = 9,
}
