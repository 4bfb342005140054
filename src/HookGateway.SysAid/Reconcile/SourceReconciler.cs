using System.Runtime.InteropServices;
using HookGateway.Admin;
using HookGateway.Coalesce;
using HookGateway.Configuration;
using HookGateway.Events;
using HookGateway.Observe;
using HookGateway.Pipeline;
using HookGateway.Store;

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
    private readonly ComparedFields _fields;
    private readonly KnownRecordsStore _known;
    private readonly UpdateList _updates;
    private readonly IEventStore _store;
    private readonly Func<WebhookEvent, DedupeKey, DateTimeOffset, ValueTask<IngestResult?>> _take;
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
        SourceConfiguration source, ConnectApi api, IEventStore store, Func<WebhookEvent, DedupeKey, DateTimeOffset, ValueTask<IngestResult?>> take,
        TimeProvider time)
    {
        (_source, _reconcile, _store, _take, _time) = (source, source.Reconcile!, store, take, time);
        _updates = new UpdateList(source.Coalesce?.Updates ?? new UpdatesConfiguration());
        _fields = new ComparedFields(_reconcile.Compare);
        _known = new KnownRecordsStore(store, StateName, _fields);
        string[] fields = _reconcile.Fields.Count == 0
            ? []
            : [.. _reconcile.Fields.Union(_reconcile.Compare.Select(compared => compared.Key)).Union(AlwaysAsked(_reconcile))];
        _pages = new RecordPages(
            (limit, offset, cancel) => api.SearchRecordsAsync(limit, offset, fields, _reconcile, cancel), _reconcile.UpdateTime);
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
            var known = await _known.LoadAsync(state, cancellationToken).ConfigureAwait(false);
            var listing = new Listing(_reconcile, new Sightings(_store, Source, _reconcile, _updates, _fields), known)
            {
                Begun = Now,
                After = Later(state.From, (state.UpdateTime ?? state.From) - _reconcile.Overlap),
                Newest = state.UpdateTime,
            };
            await foreach (var page in _pages.ReadAsync(cancellationToken).ConfigureAwait(false))
            {
                if (!await LeadsAsync(cancellationToken).ConfigureAwait(false))
                    return new ReconcileResult.NotLeading();

                await TakeAsync(page, listing, cancellationToken).ConfigureAwait(false);
            }

            var found = _found;
            var blind = BlindSince(state);
            var parts = await _known.SaveAsync(known, cancellationToken).ConfigureAwait(false);
            await SaveAsync(version, Done(state, listing, found, blind) with { Known = parts }, cancellationToken).ConfigureAwait(false);
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

    private async Task TakeAsync(IReadOnlyList<ServiceRecord> page, Listing listing, CancellationToken cancellationToken)
    {
        var due = page.Where(listing.IsDue).ToList();
        foreach (var record in page.Except(due))
            listing.Pass(record);

        listing.Newest = due.Select(record => record.UpdateTime).Append(listing.Newest).Max();
        foreach (var record in due.Where(IsDone))
            listing.Settle(record);

        due.RemoveAll(IsDone);
        if (due.Count == 0)
            return;

        await listing.CoverAsync(due, cancellationToken).ConfigureAwait(false);
        var found = due.ToLookup(listing.Find);
        await MakeAsync(found[Finding.Missed], listing, cancellationToken).ConfigureAwait(false);
        foreach (var record in found[Finding.Came])
            End(record, listing);
        foreach (var record in found[Finding.TooEarly])
            listing.Leave(record);
    }

    private async Task MakeAsync(IEnumerable<ServiceRecord> missed, Listing listing, CancellationToken cancellationToken)
    {
        foreach (var some in missed.Chunk(AtOnce))
        {
            cancellationToken.ThrowIfCancellationRequested();
            var made = await Task.WhenAll(some.Select(MakeAsync)).ConfigureAwait(false);
            _found += made.Count(result => result is IngestResult.Accepted);
            foreach (var (record, result) in some.Zip(made))
            {
                if (result is null)
                    listing.Leave(record);
                else
                    End(record, listing);
            }
        }
    }

    private bool IsDone(ServiceRecord record) => _done.Contains((record.Id, record.UpdateTime!.Value));

    private void End(ServiceRecord record, Listing listing)
    {
        listing.Settle(record);
        if (_done.Count < MostRemembered)
            _done.Add((record.Id, record.UpdateTime!.Value));
    }

    /// <returns>
    /// What became of it: it is a duplicate where another gateway or an earlier run made it; <see langword="null"/> where the record has
    /// changed again.
    /// </returns>
    private async Task<IngestResult?> MakeAsync(ServiceRecord record)
    {
        using var span = GatewayActivity.StartReconcile(Source);
        var made = new WebhookEvent
        {
            Source = Source,
            Origin = EventOrigin.Reconcile,
            Name = _reconcile.Event,
            Key = record.Key,
            ReceivedAt = Now,
            ContentType = "application/json",
            Body = JsonMarshal.GetRawUtf8Value(record.Json).ToArray(),
            Trace = GatewayActivity.ContextOf(span),
        };
        var time = record.UpdateTime!.Value;
        var result = await _take(made, DedupeKey.OfRecord(Source, record.Id, time), time).ConfigureAwait(false);
        if (result is IngestResult.Unavailable unavailable)
            throw new StoreException(unavailable.Reason);

        if (span is not null && result is IngestResult.Accepted accepted)
            GatewayActivity.Describe(span, made with { Id = accepted.Id });

        return result;
    }

    /// <summary>The time in which nobody looked, where it is longer than it would be between two runs.</summary>
    private BlindWindow? BlindSince(ReconcileState state)
    {
        var (before, now) = (state.DoneAt ?? state.BegunAt, Now);
        var longest = TimeSpan.FromTicks(Math.Max(_reconcile.Overlap.Ticks, 2 * _reconcile.Interval.Ticks));
        return now - before > longest ? new BlindWindow(before, now, _failure ?? "no gateway looked") : null;
    }

    private ReconcileState Done(ReconcileState state, Listing listing, int found, BlindWindow? blind)
    {
        _done.RemoveWhere(done => done.Time <= listing.Newest - _reconcile.Overlap);
        return state with
        {
            UpdateTime = listing.Newest,
            ListedAt = listing.Begun,
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

    // SysAid gives id unasked.
    private static IEnumerable<string> AlwaysAsked(ReconcileConfiguration reconcile) =>
        reconcile.Id == "id" ? [reconcile.UpdateTime, "insertTime"] : [reconcile.Id, reconcile.UpdateTime, "insertTime"];

    private ValueTask<bool> LeadsAsync(CancellationToken cancellationToken) =>
        _store.TryLeadAsync(StateName, _holder, Lead, cancellationToken);

    private static DateTimeOffset Later(DateTimeOffset a, DateTimeOffset b) => a > b ? a : b;

    private DateTimeOffset Now => DateTimeOffset.FromUnixTimeMilliseconds(_time.GetUtcNow().ToUnixTimeMilliseconds());
}
