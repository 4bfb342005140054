using HookGateway.Events;
using HookGateway.Store;

namespace HookGateway.Observe;

/// <summary>
/// Tells whoever listens what is accepted and what came of deliveries, as it happens and once it is stored. Nobody is waited
/// for: a listener that is slow loses, and is told how many. Where nobody listens it costs one look. Any thread.
/// </summary>
internal sealed class EventFeed(TimeProvider time)
{
    /// <summary>How many may listen at the same time.</summary>
    internal const int MostListeners = 50;

    private readonly Lock _lock = new();
    private volatile FeedListener[] _listeners = [];

    /// <summary>An event was accepted.</summary>
    public void Accepted(WebhookEvent accepted, Disposition disposition, IReadOnlyList<string> destinations) =>
        Tell("accepted", accepted, disposition, destinations);

    /// <summary>An event went out that was held, or made of several that were.</summary>
    public void Released(WebhookEvent released, Disposition disposition, IReadOnlyList<string> destinations) =>
        Tell("released", released, disposition, destinations);

    private void Tell(string kind, WebhookEvent about, Disposition disposition, IReadOnlyList<string> destinations)
    {
        var listeners = _listeners;
        if (listeners.Length == 0)
            return;

        var state = EventStanding.Of(disposition, destinations.Select(_ => DeliveryState.Pending));
        var happening = Of(kind, about, state);
        foreach (var listener in listeners)
            listener.Offer(happening, destinations);
    }

    /// <summary>An attempt's outcome was written.</summary>
    public void Settled(Settlement settled)
    {
        var listeners = _listeners;
        if (listeners.Length == 0 || settled.Attempt is not { } attempt)
            return;

        var happening = Of("settled", settled.Delivery.Event, EventStanding.Of(Disposition.Routed, [settled.State])) with
        {
            Destination = settled.Delivery.Destination,
            Attempt = attempt.Number,
            Status = attempt.StatusCode,
            Error = attempt.Error == DeliveryError.None ? null : attempt.Error,
        };
        foreach (var listener in listeners)
            listener.Offer(happening, [settled.Delivery.Destination]);
    }

    /// <summary>Listens, until the listener is disposed of.</summary>
    /// <returns><see langword="null"/> where as many listen as may.</returns>
    public FeedListener? Listen(EventFilter filter)
    {
        var listener = new FeedListener(filter, Leave);
        lock (_lock)
        {
            if (_listeners.Length >= MostListeners)
                return null;

            _listeners = [.. _listeners, listener];
            return listener;
        }
    }

    private void Leave(FeedListener listener)
    {
        lock (_lock)
            _listeners = [.. _listeners.Where(other => other != listener)];
    }

    // Without the event itself: what waits for a slow listener must not hold bodies.
    private FeedHappening Of(string kind, WebhookEvent about, EventState state) => new()
    {
        Kind = kind,
        At = time.GetUtcNow(),
        Id = about.Id,
        Source = about.Source,
        Event = about.Name,
        Key = about.Key,
        State = state,
    };
}
