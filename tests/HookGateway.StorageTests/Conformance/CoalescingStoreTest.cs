using System.Diagnostics;
using System.Text;
using HookGateway.Events;
using HookGateway.Store;

namespace HookGateway.StorageTests.Conformance;

/// <summary>Short words for what tests do with the keys of a coalescing source.</summary>
public abstract class CoalescingStoreTest(StoreEngine engine) : StoreConformance(engine)
{
    protected static readonly TimeSpan Quiet = TimeSpan.FromMinutes(2);

    protected async Task<EventId> HoldAsync(string id, int number, string key = "k1", string source = "crm", int[]? refers = null)
    {
        var known = await Store.FindCoalescedAsync(source, key, Cancel);
        var request = Held(id, number, known?.Version ?? 0, key, source, refers ?? [.. known?.Events.Keys ?? [], number]);
        return (await AcceptAsync(request)).Event.Id;
    }

    protected AcceptRequest Held(string id, int number, long version, string key = "k1", string source = "crm", int[]? refers = null) =>
        Request(id, source, to: [], key: key) with
        {
            Disposition = Disposition.Held,
            Coalesce = Step(version, State($"state of {id}", refers ?? [number], Time.GetUtcNow() + Quiet), key, source) with { Number = number },
        };

    protected AcceptRequest Superseded(string id, int by, long version) => Request(id, to: []) with
    {
        Disposition = Disposition.Superseded,
        Coalesce = Step(version, state: null) with { SupersededBy = by },
    };

    protected CoalescedRelease Merged(int number, int[] takesIn) => new()
    {
        Number = number,
        Event = new WebhookEvent
        {
            Source = "crm",
            Name = "deal.won",
            Key = "k1",
            ReceivedAt = Time.GetUtcNow(),
            Body = "merged"u8.ToArray(),
            Origin = EventOrigin.Coalesce,
            Trace = new TraceContext(ActivityTraceId.CreateRandom(), ActivitySpanId.CreateRandom(), sampled: true),
        },
        TakesIn = takesIn,
        Disposition = Disposition.Routed,
        Destinations = ["jira"],
        KeepUntil = Time.GetUtcNow() + Window,
    };

    protected async Task<WebhookEvent?> ReleaseAsync(CoalescedRelease release, int[]? refers = null) => await Store.ReleaseHeldAsync(
        Step((await KeyAsync()).Version, State("", refers ?? [])) with { Release = release }, Cancel);

    protected static CoalesceStep Step(long version, CoalescedState? state, string key = "k1", string source = "crm") =>
        new() { Source = source, Key = key, Version = version, State = state };

    protected CoalescedState State(string text, int[] refers, DateTimeOffset? releaseAt = null) =>
        new(Encoding.UTF8.GetBytes(text), refers, releaseAt, Time.GetUtcNow() + Window);

    protected async Task<CoalescedKey> KeyAsync() => (await Store.FindCoalescedAsync("crm", "k1", Cancel))!;

    protected async Task<EventPage> ListAsync() => await Store.ListAsync(new EventFilter(), null, 100, Cancel);
}
