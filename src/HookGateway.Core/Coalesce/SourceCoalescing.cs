using HookGateway.Configuration;
using HookGateway.Events;
using HookGateway.Route;

namespace HookGateway.Coalesce;

/// <summary>A source's <c>coalesce</c>, compiled.</summary>
internal sealed class SourceCoalescing(CoalesceConfiguration configuration, TimeSpan window)
{
    private readonly Glob[] _events = [.. configuration.Events.Select(pattern => new Glob(pattern))];
    private readonly UpdateList _updates = new(configuration.Updates);

    public MergeRules Rules { get; } = new(configuration.Quiet, configuration.Max, window);

    /// <summary>What an event means for what is held of its key.</summary>
    /// <param name="webhookEvent">The event.</param>
    /// <param name="isComplete">Whether <c>coalesce.complete</c> gives a value.</param>
    /// <param name="now">The time that due times are compared with.</param>
    public Incoming Read(WebhookEvent webhookEvent, bool isComplete, DateTimeOffset now)
    {
        if (!Array.Exists(_events, glob => glob.Matches(webhookEvent.Name)) || _updates.Read(webhookEvent.Body.Span) is not { } changes)
            return new Incoming(IncomingKind.Passing, now, []);

        var kind = isComplete ? IncomingKind.Complete : IncomingKind.Incremental;
        return new Incoming(kind, now, changes, _updates.Path, webhookEvent.Trace.ToTraceParent());
    }
}
