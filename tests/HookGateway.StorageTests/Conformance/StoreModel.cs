using HookGateway.Events;
using HookGateway.Store;

namespace HookGateway.StorageTests.Conformance;

/// <summary>What a store should hold, kept in the simplest way there is.</summary>
internal sealed class StoreModel
{
    private readonly Dictionary<string, (EventId Id, DateTimeOffset Expires)> _marks = [];

    internal sealed class ModelDelivery
    {
        public required EventId EventId { get; init; }

        public required string Destination { get; init; }

        public required int Ordinal { get; init; }

        public required DateTimeOffset AcceptedAt { get; init; }

        public DeliveryState State { get; set; }

        public int Attempts { get; set; }

        public DateTimeOffset? DueAt { get; set; }

        public Delivery? Lease { get; set; }

        /// <summary>The order it stands in; <see langword="null"/> where it is in none, or not any more.</summary>
        public string? Group { get; set; }

        /// <summary>Whether it stays in its order although it is dead.</summary>
        public bool Blocks => State == DeliveryState.Dead && Group is not null;

        public bool IsOwed => State is DeliveryState.Pending or DeliveryState.Retrying;
    }

    public List<ModelDelivery> Deliveries { get; } = [];

    /// <summary>Every event, and when it was accepted.</summary>
    public Dictionary<EventId, DateTimeOffset> Events { get; } = [];

    public EventId? DuplicateOf(string key, DateTimeOffset now) =>
        _marks.TryGetValue(key, out var mark) && mark.Expires > now ? mark.Id : null;

    public void Accept(string key, EventId id, DateTimeOffset now, TimeSpan window, AcceptRequest request, IReadOnlyList<Delivery> leased)
    {
        _marks[key] = (id, now + window);
        Events.Add(id, now);
        for (var ordinal = 0; ordinal < request.Deliveries.Count; ordinal++)
        {
            var owed = request.Deliveries[ordinal];
            var lease = leased.SingleOrDefault(l => l.Ordinal == ordinal);
            Deliveries.Add(new ModelDelivery
            {
                EventId = id,
                Destination = owed.Destination,
                Ordinal = ordinal,
                AcceptedAt = now,
                DueAt = now,
                Lease = lease,
                Group = owed.Ordered && request.Event.Key is { } about ? $"{owed.Destination}/{about}" : null,
            });
        }
    }

    /// <summary>Whether one waits for another before it, or would if it came now.</summary>
    public bool Waits(ModelDelivery delivery) =>
        delivery.Group is { } group && Deliveries.First(d => d.Group == group) != delivery;

    public bool IsTaken(string group) => Deliveries.Exists(d => d.Group == group);

    /// <summary>It has ended, whether by a settlement or a release; those behind it may go from now on.</summary>
    public void Leave(ModelDelivery delivery, DateTimeOffset now)
    {
        var group = delivery.Group;
        delivery.Group = null;
        if (group is not null && Deliveries.Find(d => d.Group == group) is { } next)
            next.DueAt = now;
    }

    public List<ModelDelivery> Due(string destination, DateTimeOffset now) =>
        [.. Deliveries.Where(d => d.Destination == destination && d.IsOwed && d.Lease is null && d.DueAt <= now && !Waits(d))];

    public DateTimeOffset? NextDue(string destination, DateTimeOffset now) =>
        Deliveries.Where(d => d.Destination == destination && d.IsOwed && d.Lease is null && d.DueAt > now && !Waits(d)).Min(d => d.DueAt);

    /// <summary>Another opening: nobody holds anything any more.</summary>
    public void Reopen() => Deliveries.ForEach(d => d.Lease = null);

    /// <returns>The ordinals that are owed because of it.</returns>
    public List<int> Replay(EventId id, string destination, DateTimeOffset now)
    {
        var dead = Deliveries.FindAll(d => d.EventId == id && d.Destination == destination && d.State == DeliveryState.Dead);
        foreach (var delivery in dead)
            (delivery.State, delivery.DueAt) = (DeliveryState.Retrying, now);

        if (dead.Count > 0)
            return [.. dead.Select(d => d.Ordinal)];

        var ordinal = Deliveries.Count(d => d.EventId == id);
        Deliveries.Add(new ModelDelivery
        {
            EventId = id,
            Destination = destination,
            Ordinal = ordinal,
            AcceptedAt = Events[id],
            DueAt = now,
        });
        return [ordinal];
    }

    /// <returns>How many events go.</returns>
    public int Retain(TimeSpan delivered, TimeSpan dead, DateTimeOffset now)
    {
        var gone = Events.Where(e => now - e.Value > KeptFor(e.Key, delivered, dead)).Select(e => e.Key).ToHashSet();
        Deliveries.RemoveAll(d => gone.Contains(d.EventId));
        foreach (var id in gone)
            Events.Remove(id);

        return gone.Count;
    }

    private TimeSpan KeptFor(EventId id, TimeSpan delivered, TimeSpan dead)
    {
        var owed = Deliveries.Where(d => d.EventId == id).ToList();
        return owed.Any(d => d.IsOwed || d.Blocks) ? TimeSpan.MaxValue : owed.Any(d => d.State == DeliveryState.Dead) ? dead : delivered;
    }
}
