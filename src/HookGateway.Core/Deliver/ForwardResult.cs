namespace HookGateway.Deliver;

/// <summary>How passing a request on went. Closed: one of the nested kinds.</summary>
internal abstract record ForwardResult
{
    private ForwardResult()
    {
    }

    /// <summary>It was made.</summary>
    /// <param name="Result">With a status where there was an answer, and then the caller has it.</param>
    /// <param name="BrokeOff">Why the caller has only the beginning of the answer; <see langword="null"/>: it has all.</param>
    public sealed record Ended(AttemptResult Result, string? BrokeOff = null) : ForwardResult;

    /// <summary>The breaker is open: nothing was sent.</summary>
    /// <param name="For">How long until it may be tried.</param>
    public sealed record Parked(TimeSpan For) : ForwardResult;

    /// <summary>As many are under way as may be: nothing was sent.</summary>
    public sealed record TooMany : ForwardResult;

    /// <summary>The caller has gone before there was an answer.</summary>
    public sealed record CallerGone : ForwardResult;
}
