using HookGateway.Configuration;
using HookGateway.Deliver;
using HookGateway.Events;
using HookGateway.Observe;
using HookGateway.Route;
using HookGateway.Store;

namespace HookGateway.Pipeline;

/// <summary>The way of an event that is to be delivered again: Route (unless told where to), Store, Deliver.</summary>
internal sealed class EventReplay(GatewayConfiguration configuration, RouteTable routes, IEventStore store, Lanes lanes)
{
    /// <summary>Replays one event.</summary>
    /// <param name="id">Which.</param>
    /// <param name="destinations">Where to, configured names; <see langword="null"/> routes it as if it came now.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <exception cref="StoreException">The store cannot be read or written now.</exception>
    public async Task<ReplayAnswer> ReplayAsync(
        EventId id, IReadOnlyList<string>? destinations, CancellationToken cancellationToken)
    {
        if (destinations?.FirstOrDefault(name => !IsConfigured(name)) is { } unknown)
            return new ReplayAnswer.NoSuchDestination(unknown);

        if (await store.FindAsync(id, cancellationToken).ConfigureAwait(false) is not { Event: var webhookEvent } stored)
            return new ReplayAnswer.NoSuchEvent();

        if (stored.Disposition == Disposition.Held)
            return new ReplayAnswer.Held();

        if (stored.SupersededBy is { } successor)
            return new ReplayAnswer.Superseded(successor);

        if (stored.DroppedBodySize is not null)
            return new ReplayAnswer.BodyDropped();

        var names = destinations ?? routes.Match(webhookEvent.Source, webhookEvent.Name).Decide(webhookEvent.Body.Span, document: null).Destinations;
        if (names.Count == 0)
            return new ReplayAnswer.Unrouted();

        using var span = GatewayActivity.StartReplay(id, webhookEvent.Source, webhookEvent.Name, webhookEvent.Trace);
        var request = new ReplayRequest(
            id, [.. names.Distinct(StringComparer.Ordinal)], GatewayActivity.ContextOf(span));
        switch (await store.ReplayAsync(request, cancellationToken).ConfigureAwait(false))
        {
            case ReplayResult.Replayed replayed:
                foreach (var name in request.Destinations)
                    lanes.MarkBacklog(name);

                return new ReplayAnswer.Replayed(replayed.Deliveries);

            case ReplayResult.Held:
                return new ReplayAnswer.Held();

            case ReplayResult.Superseded superseded:
                return new ReplayAnswer.Superseded(superseded.By);

            case ReplayResult.BodyDropped:
                return new ReplayAnswer.BodyDropped();

            case ReplayResult.TooMany tooMany:
                return new ReplayAnswer.TooMany(tooMany.Limit);

            default:
                return new ReplayAnswer.NoSuchEvent();
        }
    }

    private bool IsConfigured(string name) => configuration.Destinations.Any(destination => destination.Name == name);
}

/// <summary>What became of a replay. Closed: one of the nested kinds.</summary>
internal abstract record ReplayAnswer
{
    private ReplayAnswer()
    {
    }

    /// <summary>Durable, and under way.</summary>
    public sealed record Replayed(IReadOnlyList<ReplayedDelivery> Deliveries) : ReplayAnswer;

    /// <summary>There is no event of that id.</summary>
    public sealed record NoSuchEvent : ReplayAnswer;

    /// <summary>No destination is called that.</summary>
    public sealed record NoSuchDestination(string Name) : ReplayAnswer;

    /// <summary>No route of today's names the event, and no destination was named.</summary>
    public sealed record Unrouted : ReplayAnswer;

    /// <summary>The event waits to be joined with others, and goes out by itself.</summary>
    public sealed record Held : ReplayAnswer;

    /// <summary>Another event went out in its place.</summary>
    public sealed record Superseded(EventId By) : ReplayAnswer;

    /// <summary>The event's body is not kept any more.</summary>
    public sealed record BodyDropped : ReplayAnswer;

    /// <summary>The event has as many deliveries as one can have.</summary>
    public sealed record TooMany(int Limit) : ReplayAnswer;
}
