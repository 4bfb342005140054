using HookGateway.Events;

namespace HookGateway.Pipeline;

/// <summary>What became of a request, in the gateway's own words. Closed; <c>Edge/IngestAnswer.cs</c> says it in HTTP.</summary>
internal abstract record IngestResult
{
    private IngestResult()
    {
    }

    /// <summary>The word for metrics, traces and logs.</summary>
    public abstract string Outcome { get; }

    /// <summary>Stored, with all it owes.</summary>
    /// <param name="Id">The event's id.</param>
    /// <param name="Status">What the source's senders want to be answered.</param>
    public sealed record Accepted(EventId Id, int Status) : IngestResult
    {
        public override string Outcome => "accepted";
    }

    /// <summary>Stored before.</summary>
    /// <param name="First">The id of the first one.</param>
    public sealed record Duplicate(EventId First) : IngestResult
    {
        public override string Outcome => "duplicate";
    }

    /// <summary>It did not get past Verify. The sender is not told why.</summary>
    public sealed record Rejected(string Reason) : IngestResult
    {
        public override string Outcome => "rejected";
    }

    /// <summary>It is not what the source sends.</summary>
    /// <param name="Problem">What is wrong, for the sender.</param>
    public sealed record Malformed(string Problem) : IngestResult
    {
        public override string Outcome => "malformed";
    }

    /// <summary>It is in a media type, charset or encoding that cannot be read.</summary>
    public sealed record UnsupportedMediaType(string Problem) : IngestResult
    {
        public override string Outcome => "unsupported_media_type";
    }

    /// <summary>No source has this path.</summary>
    public sealed record NoSuchSource : IngestResult
    {
        public override string Outcome => "no_such_source";
    }

    /// <summary>Sources take POST.</summary>
    public sealed record MethodNotAllowed : IngestResult
    {
        public override string Outcome => "method_not_allowed";
    }

    /// <summary>The body is larger than <c>limits.bodySize</c>.</summary>
    public sealed record TooLarge(long Limit) : IngestResult
    {
        public override string Outcome => "too_large";
    }

    /// <summary>The body took longer to arrive than <c>limits.requestTimeout</c>.</summary>
    public sealed record TooSlow : IngestResult
    {
        public override string Outcome => "too_slow";
    }

    /// <summary>More requests are under way than <c>limits.concurrentRequests</c>.</summary>
    public sealed record TooMany : IngestResult
    {
        public override string Outcome => "limited";
    }

    /// <summary>The store cannot take it now.</summary>
    public sealed record Unavailable(string Reason) : IngestResult
    {
        public override string Outcome => "unavailable";
    }
}
