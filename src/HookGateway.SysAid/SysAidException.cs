namespace HookGateway.SysAid;

/// <summary>
/// SysAid did not do what was asked, or nobody knows whether it did. The message may be shown and logged: it says what happened, has
/// SysAid's own words where it gave any, and no secret of the configuration.
/// </summary>
internal sealed class SysAidException(string message) : Exception(message)
{
    /// <summary>What it answered; <see langword="null"/> where there was no answer.</summary>
    public ApiAnswer? Answer { get; init; }
}
