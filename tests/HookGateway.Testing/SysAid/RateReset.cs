namespace HookGateway.Testing.SysAid;

/// <summary>How <c>X-RateLimit-Reset</c> is written; SysAid does not say which.</summary>
public enum RateReset
{
    /// <summary>The window's end, in seconds since 1970.</summary>
    EpochSeconds,

    /// <summary>How many seconds are left of the window.</summary>
    SecondsRemaining,

    /// <summary>Not at all, and neither are the other headers of the limit.</summary>
    Unsaid,
}
