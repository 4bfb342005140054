using HookGateway.Events;
using HookGateway.Store;

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

    /// <summary>Stored before; or passed on and answered before, where a route says that this counts.</summary>
    /// <param name="First">The id of the first one.</param>
    public sealed record Duplicate(EventId First) : IngestResult
    {
        public override string Outcome => "duplicate";
    }

    /// <summary>Kept in a file, for <c>signature detect</c>, and nothing else.</summary>
    /// <param name="File">Which.</param>
    /// <param name="Status">What the source's senders want to be answered.</param>
    public sealed record Captured(string File, int Status) : IngestResult
    {
        public override string Outcome => "captured";
    }

    /// <summary>To be passed on: what becomes of it then is another of these kinds.</summary>
    /// <param name="Destination">Where to.</param>
    /// <param name="Event">What the request holds, with an id.</param>
    /// <param name="DedupeKey">What makes it a repeat of an earlier one; <see langword="null"/>: it is passed on again.</param>
    public sealed record PassOn(string Destination, WebhookEvent Event, DedupeKey? DedupeKey) : IngestResult
    {
        public override string Outcome => "passed_on";
    }

    /// <summary>Passed on, and answered what the destination answered.</summary>
    /// <param name="Id">The event's id.</param>
    public sealed record Proxied(EventId Id) : IngestResult
    {
        public override string Outcome => "proxied";
    }

    /// <summary>To be passed on, and the destination cannot be reached.</summary>
    public sealed record Unreachable : IngestResult
    {
        public override string Outcome => "unreachable";
    }

    /// <summary>Passed on, and the destination did not answer in time.</summary>
    public sealed record Unanswered : IngestResult
    {
        public override string Outcome => "unanswered";
    }

    /// <summary>To be passed on, and the destination is left alone for a while.</summary>
    /// <param name="For">How long.</param>
    public sealed record Parked(TimeSpan For) : IngestResult
    {
        public override string Outcome => "parked";
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

    /// <summary>The sender went away in the middle: there is nobody to answer.</summary>
    public sealed record Gone : IngestResult
    {
        public override string Outcome => "gone";
    }

    /// <summary>The store cannot take it now.</summary>
    public sealed record Unavailable(string Reason) : IngestResult
    {
        public override string Outcome => "unavailable";
    }
}
