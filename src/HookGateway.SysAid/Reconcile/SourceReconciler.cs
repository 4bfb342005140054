using System.Runtime.InteropServices;
using HookGateway.Admin;
using HookGateway.Configuration;
using HookGateway.Events;
using HookGateway.Observe;
using HookGateway.Pipeline;
using HookGateway.Store;
using HookGateway.Verify;

namespace HookGateway.SysAid.Reconcile;

/// <summary>
/// Finds the changes of one source's records of which no webhook came, and makes an event of each. It goes through all records each
/// time, a page in memory, for the API has neither a filter by time nor an order that could be relied upon. One run at a time.
/// </summary>
internal sealed class SourceReconciler
{
    // Longer than a page takes that is tried again a few times.
    private static readonly TimeSpan Lead = TimeSpan.FromMinutes(2);

    // At once, to share a commit; few, so that webhooks do not wait for them.
    private const int AtOnce = 16;
    private const int MostRemembered = 20_000;

    private readonly SourceConfiguration _source;
    private readonly ReconcileConfiguration _reconcile;
    private readonly RecordPages _pages;
    private readonly IEventStore _store;
    private readonly Func<WebhookEvent, DedupeKey, DateTimeOffset, ValueTask<IngestResult>> _take;
    private readonly TimeProvider _time;
    private readonly string _holder = Guid.NewGuid().ToString();
    private readonly HashSet<(string Id, DateTimeOffset Time)> _done = [];
    private int _found;
    private string? _failure;

    /// <param name="source">With <c>api</c> and <c>reconcile</c>.</param>
    /// <param name="api">The source's.</param>
    /// <param name="store">Keeps the watermark, and what came.</param>
    /// <param name="take">The way of an event, which is told when its record was last changed.</param>
    /// <param name="time">The machine's clock.</param>
    public SourceReconciler(
        SourceConfiguration source, ConnectApi api, IEventStore store, Func<WebhookEvent, DedupeKey, DateTimeOffset, ValueTask<IngestResult>> take,
        TimeProvider time)
    {
        (_source, _reconcile, _store, _take, _time) = (source, source.Reconcile!, store, take, time);
        string[] fields = _reconcile.Fields.Count == 0 ? [] : [.. _reconcile.Fields.Union(["updateTime", "insertTime"])];
        _pages = new RecordPages((limit, offset, cancel) => api.SearchRecordsAsync(limit, offset, fields, cancel));
    }

    /// <summary>The source's name.</summary>
    public string Source => _source.Name;

    /// <summary>The state's name in the store.</summary>
    public string StateName => $"reconcile:{_source.Name}";

    /// <summary>What was last read or written of the state; <see langword="null"/> before the first run.</summary>
    public ReconcileState? State { get; private set; }

    /// <summary>Where it stands. Any thread.</summary>
    public ReconcileView Report()
    {
        var state = State;
        return new ReconcileView
        {
            Source = Source,
            UpdateTime = state?.UpdateTime,
            DoneAt = state?.DoneAt,
            Runs = state?.Runs ?? 0,
            Found = state?.Found ?? 0,
            Failure = _failure,
            Blind = [.. (state?.Blind ?? []).Select(blind => new BlindView(blind.From, blind.Until, blind.Reason))],
        };
    }

    /// <summary>Goes through all records once.</summary>
    /// <exception cref="SysAidException">The API cannot be read now. What was found until then stays found.</exception>
    /// <exception cref="StoreException">The store cannot be read or written now.</exception>
    public async Task<ReconcileResult> RunAsync(CancellationToken cancellationToken)
    {
        if (!await LeadsAsync(cancellationToken).ConfigureAwait(false))
            return new ReconcileResult.NotLeading();

        try
        {
            var (version, state) = await LoadAsync(cancellationToken).ConfigureAwait(false);
            var until = Now - _reconcile.Grace;
            var after = Later(state.From, (state.UpdateTime ?? state.From) - _reconcile.Overlap);
            var newest = state.UpdateTime;
            var sightings = new Sightings(_store, Source, _reconcile.Overlap);
            await foreach (var page in _pages.ReadAsync(cancellationToken).ConfigureAwait(false))
            {
                if (!await LeadsAsync(cancellationToken).ConfigureAwait(false))
                    return new ReconcileResult.NotLeading();

                var due = page.Where(record => record.UpdateTime is { } time && time > after && time <= until).ToList();
                await TakeAsync(due, sightings, cancellationToken).ConfigureAwait(false);
                newest = due.Select(record => record.UpdateTime).Append(newest).Max();
            }

            var found = _found;
            var blind = BlindSince(state);
            await SaveAsync(version, Done(state, newest, found, blind), cancellationToken).ConfigureAwait(false);
            _found -= found;
            _failure = null;
            return new ReconcileResult.Done(found, blind);
        }
        catch (Exception error) when (error is SysAidException or StoreException)
        {
            _failure = error.Message;
            throw;
        }
    }

    /// <summary>Loads the state, and where there is none begins one: <c>from: now</c> is when it is first asked for.</summary>
    private async Task<(long Version, ReconcileState State)> LoadAsync(CancellationToken cancellationToken)
    {
        if (await _store.FindStateAsync(StateName, cancellationToken).ConfigureAwait(false) is not { } found)
        {
            var begun = new ReconcileState { From = _reconcile.From ?? Now, BegunAt = Now };
            var version = await _store.TrySetStateAsync(StateName, 0, begun.ToBytes(), cancellationToken).ConfigureAwait(false);
            if (version is not null)
                return (version.Value, State = begun);

            found = (await _store.FindStateAsync(StateName, cancellationToken).ConfigureAwait(false))!;
        }

        return (found.Version, State = ReconcileState.Of(found.Value.Span));
    }

    private async Task TakeAsync(List<ServiceRecord> due, Sightings sightings, CancellationToken cancellationToken)
    {
        due.RemoveAll(record => _done.Contains((record.Id, record.UpdateTime!.Value)));
        if (due.Count == 0)
            return;

        // A webhook can have been accepted before its change, by a clock that is behind.
        await sightings.CoverAsync(due.Min(record => record.UpdateTime!.Value) - _reconcile.Overlap, cancellationToken).ConfigureAwait(false);
        var missed = due.Where(record => !sightings.Has(KeyOf(record), record.UpdateTime!.Value - _reconcile.Tolerance));
        foreach (var some in missed.Chunk(AtOnce))
        {
            cancellationToken.ThrowIfCancellationRequested();
            var made = await Task.WhenAll(some.Select(record => MakeAsync(record))).ConfigureAwait(false);
            _found += made.Count(isNew => isNew);
        }

        foreach (var record in due.TakeWhile(_ => _done.Count < MostRemembered))
            _done.Add((record.Id, record.UpdateTime!.Value));
    }

    /// <returns>Whether it is new: neither another gateway nor an earlier run made it.</returns>
    private async Task<bool> MakeAsync(ServiceRecord record)
    {
        using var span = GatewayActivity.StartReconcile(Source);
        var made = new WebhookEvent
        {
            Source = Source,
            Origin = EventOrigin.Reconcile,
            Name = _reconcile.Event,
            Key = KeyOf(record),
            ReceivedAt = Now,
            ContentType = "application/json",
            Body = JsonMarshal.GetRawUtf8Value(record.Json).ToArray(),
            Trace = GatewayActivity.ContextOf(span, traceParent: null),
        };
        var time = record.UpdateTime!.Value;
        var result = await _take(made, DedupeKey.OfRecord(Source, record.Id, time), time).ConfigureAwait(false);
        if (result is IngestResult.Unavailable unavailable)
            throw new StoreException(unavailable.Reason);

        if (span is not null && result is IngestResult.Accepted accepted)
            GatewayActivity.Describe(span, made with { Id = accepted.Id });

        return result is IngestResult.Accepted;
    }

    /// <summary>The time in which nobody looked, where it is longer than it would be between two runs.</summary>
    private BlindWindow? BlindSince(ReconcileState state)
    {
        var (before, now) = (state.DoneAt ?? state.BegunAt, Now);
        var longest = TimeSpan.FromTicks(Math.Max(_reconcile.Overlap.Ticks, 2 * _reconcile.Interval.Ticks));
        return now - before > longest ? new BlindWindow(before, now, _failure ?? "no gateway looked") : null;
    }

    private ReconcileState Done(ReconcileState state, DateTimeOffset? newest, int found, BlindWindow? blind)
    {
        _done.RemoveWhere(done => done.Time <= newest - _reconcile.Overlap);
        return state with
        {
            UpdateTime = newest,
            DoneAt = Now,
            Runs = state.Runs + 1,
            Found = state.Found + found,
            Blind = blind is null ? state.Blind : [.. state.Blind.Append(blind).TakeLast(ReconcileState.MostBlind)],
        };
    }

    private async Task SaveAsync(long version, ReconcileState state, CancellationToken cancellationToken)
    {
        // Where another gateway was first, its watermark stands: what this one found is found by both.
        if (await _store.TrySetStateAsync(StateName, version, state.ToBytes(), cancellationToken).ConfigureAwait(false) is not null)
            State = state;
    }

    private ValueTask<bool> LeadsAsync(CancellationToken cancellationToken) =>
        _store.TryLeadAsync(StateName, _holder, Lead, cancellationToken);

    // As the id stands in an event's key.
    private static string KeyOf(ServiceRecord record) => EventText.Bounded(record.Id)!;

    private static DateTimeOffset Later(DateTimeOffset a, DateTimeOffset b) => a > b ? a : b;

    private DateTimeOffset Now => DateTimeOffset.FromUnixTimeMilliseconds(_time.GetUtcNow().ToUnixTimeMilliseconds());
}

/// <summary>How a run ended. Closed: one of the nested kinds.</summary>
internal abstract record ReconcileResult
{
    private ReconcileResult()
    {
    }

    /// <summary>All records were gone through.</summary>
    /// <param name="Found">How many changes were found of which no webhook had come, since the run before that was done.</param>
    /// <param name="Blind">The time before in which nobody looked; <see langword="null"/>: none to speak of.</param>
    public sealed record Done(int Found, BlindWindow? Blind) : ReconcileResult;

    /// <summary>Another gateway does it.</summary>
    public sealed record NotLeading : ReconcileResult;
}
