using HookGateway.Events;

namespace HookGateway.Deliver;

/// <summary>How passing a request on went. Closed: one of the nested kinds.</summary>
internal abstract record ForwardResult
{
    private ForwardResult()
    {
    }

    /// <summary>Whether the caller has an answer, to its end, by which the destination took the request: any 2xx.</summary>
    public bool IsAnswered => this is Ended { Result.StatusCode: >= 200 and <= 299, BrokeOff: null };

    /// <summary>It was made.</summary>
    /// <param name="Result">With a status where there was an answer, and then the caller has it.</param>
    /// <param name="BrokeOff">Why the caller has only the beginning of the answer; <see langword="null"/>: it has all.</param>
    public sealed record Ended(AttemptResult Result, string? BrokeOff = null) : ForwardResult;

    /// <summary>It is the repeat of one that was passed on and answered: nothing was sent.</summary>
    /// <param name="First">The id of that one.</param>
    public sealed record Repeat(EventId First) : ForwardResult;

    /// <summary>It is the repeat of one that has been under way for long and is still: nothing was sent.</summary>
    public sealed record StillUnderWay : ForwardResult;

    /// <summary>The breaker is open: nothing was sent.</summary>
    /// <param name="For">How long until it may be tried.</param>
    public sealed record Parked(TimeSpan For) : ForwardResult;

    /// <summary>As many are under way as may be: nothing was sent.</summary>
    public sealed record TooMany : ForwardResult;

    /// <summary>The caller has gone before there was an answer.</summary>
    public sealed record CallerGone : ForwardResult;
}
