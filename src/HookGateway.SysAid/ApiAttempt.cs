namespace HookGateway.SysAid;

/// <summary>How one attempt at a request ended.</summary>
internal sealed record ApiAttempt
{
    /// <summary>The answer; <see langword="null"/> where there was none, or none that could be read to its end.</summary>
    public ApiAnswer? Answer { get; init; }

    /// <summary>Why there is no answer, in words that may be shown.</summary>
    public string? Failure { get; init; }

    /// <summary>How long SysAid asks to wait before the next attempt.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>Whether another attempt could do better, and can do no harm.</summary>
    public bool CanRetry { get; init; }

    /// <summary>Whether it may have been done although nothing says so.</summary>
    public bool IsUnclear { get; init; }
}
