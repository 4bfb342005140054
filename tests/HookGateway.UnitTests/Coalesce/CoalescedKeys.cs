using System.Collections.Concurrent;
using HookGateway.Coalesce;
using HookGateway.Configuration;
using HookGateway.Events;
using HookGateway.Observe;
using HookGateway.Pipeline;
using HookGateway.Store;
using HookGateway.UnitTests.Configuration;
using HookGateway.UnitTests.Store;
using HookGateway.UnitTests.Verify;
using Microsoft.Extensions.DependencyInjection;

namespace HookGateway.UnitTests.Coalesce;

/// <summary>
/// A gateway with a source <c>crm</c> that coalesces, over a store that keeps keys as engines do, in memory, and where a test says
/// what goes wrong.
/// </summary>
internal sealed class CoalescedKeys : IAsyncDisposable
{
    private readonly Dictionary<string, CoalescedKey> _keys = [];
    private readonly Dictionary<EventId, WebhookEvent> _events = [];

    public CoalescedKeys(string quiet = "2m")
    {
        Configuration = Given.Configuration($$"""
            sources:
              crm:
                verify: none
                event: type
                key: n
                id: id
                coalesce: { events: [changed], complete: last, quiet: {{quiet}}, max: 10m }
            destinations: { jira: { url: "http://127.0.0.1:9/" } }
            routes: [{ source: crm, to: jira }]
            """);
        Services = new ServiceCollection().AddLogging().AddRouting().AddSingleton<TimeProvider>(Time).AddHookGateway(Configuration)
            .AddSingleton<IEventStore>(Store).BuildServiceProvider();
        Store.OnFindCoalesced = key => Locked(() => _keys.GetValueOrDefault(key));
        Store.OnFind = id => Locked(() => _events.TryGetValue(id, out var found) ? new StoredEvent(found, Disposition.Held, []) : null);
        Store.OnAccept = Accept;
        Store.OnReleaseHeld = Release;
        Store.OnListHeld = List;
    }

    public GatewayConfiguration Configuration { get; }

    public WatchedTime Time { get; } = new();

    public ScriptedStore Store { get; } = new();

    public ServiceProvider Services { get; }

    public Coalescer Coalescer => Services.GetRequiredService<Coalescer>();

    /// <summary>What was written, step after step.</summary>
    public ConcurrentQueue<CoalesceStep> Steps { get; } = new();

    /// <summary>Takes an event in.</summary>
    public async Task<IngestResult> TakeAsync(string n, string field, long at, bool isLast = false, string type = "changed")
    {
        var body = $$"""
            {"id":"{{n}}-{{at}}","type":"{{type}}","n":"{{n}}","last":{{(isLast ? 1 : "null")}},"updates":[{"fieldName":"{{field}}","currentValue":"{{at}}","timestamp":{{at}}}]}
            """;
        var pipeline = Services.GetRequiredService<EventPipeline>();
        var request = Requests.Request(body, [Requests.Header("Content-Type", "application/json")]);
        return (await pipeline.PassAsync(pipeline.FindSource("/hooks/crm")!, request, TraceContext.New())).Result;
    }

    /// <summary>Releases what is held of a key as the loop does once it is due.</summary>
    public Task ReleaseAsync(string n, string source = "crm") =>
        Coalescer.ReleaseAsync(new HeldKey(source, n), Time.GetUtcNow(), CancellationToken.None);

    /// <summary>Another gateway changes a key, and what it means stays the same.</summary>
    public void Change(string n) => Locked(() => _keys[n] = _keys[n] with { Version = _keys[n].Version + 100 });

    /// <summary>An event is not in the store any more.</summary>
    public void Forget(IngestResult accepted) => Locked(() => _events.Remove(((IngestResult.Accepted)accepted).Id));

    private AcceptResult Accept(AcceptRequest request) => Locked<AcceptResult>(() =>
    {
        var step = request.Coalesce!;
        if (step.Version != (_keys.GetValueOrDefault(step.Key)?.Version ?? 0))
            return new AcceptResult.Conflict();

        var accepted = request.Event with { Id = NewId() };
        _events[accepted.Id] = accepted;
        var released = Write(step, accepted.Id);
        return new AcceptResult.Accepted(accepted, []) { Released = released };
    });

    private WebhookEvent? Release(CoalesceStep step) => Locked(
        () => step.Version == _keys.GetValueOrDefault(step.Key)?.Version ? Write(step, null) : null);

    private WebhookEvent? Write(CoalesceStep step, EventId? accepted)
    {
        Steps.Enqueue(step);
        var before = _keys.GetValueOrDefault(step.Key);
        var events = before?.Events.ToDictionary() ?? [];
        if (step.Number is { } number)
            events[number] = accepted!.Value;

        WebhookEvent? released = null;
        if (step.Release is { } release)
        {
            released = release.Event is { } made ? made with { Id = NewId() } : _events[events[release.Number]];
            events[release.Number] = released.Id;
        }

        if (step.State is { } state)
            _keys[step.Key] = new CoalescedKey((before?.Version ?? 0) + 1, state.Bytes, events, state.ReleaseAt);

        return released;
    }

    private HeldKeys List(DateTimeOffset dueBy, IReadOnlyCollection<string> notOf) => Locked(() =>
    {
        var held = _keys.Where(key => key.Value.ReleaseAt is not null && !notOf.Contains("crm")).ToLookup(key => key.Value.ReleaseAt <= dueBy);
        return new HeldKeys(
            [.. held[true].Select(key => new HeldKey("crm", key.Key))], held[false].Min(key => key.Value.ReleaseAt), new Dictionary<string, long>());
    });

    private T Locked<T>(Func<T> act)
    {
        lock (_keys)
            return act();
    }

    private static EventId NewId() => new(Guid.NewGuid());

    public async ValueTask DisposeAsync() => await Services.DisposeAsync();
}
