using System.Text.Json;
using HookGateway.Coalesce;
using HookGateway.Configuration;
using HookGateway.Events;
using HookGateway.Store;

namespace HookGateway.SysAid.Reconcile;

/// <summary>
/// What the store has seen of a source's records: the latest change of each, and what was last told of the fields that are compared. What
/// was accepted is read once, as far back as it is asked about.
/// </summary>
/// <param name="store">Has what was accepted.</param>
/// <param name="source">The source's name.</param>
/// <param name="reconcile">What a record's fields are called, and by how much a sender's clock may be ahead: a later timestamp counts as that.</param>
/// <param name="updates">Reads webhooks.</param>
/// <param name="fields">Those that are compared.</param>
internal sealed class Sightings(IEventStore store, string source, ReconcileConfiguration reconcile, UpdateList updates, ComparedFields fields)
{
    // Some 50 MB each. Records beyond them count as not seen, and are made an event once more than need be.
    private const int MostRecords = 1_000_000;
    private const int MostValues = 1_000_000;
    private const int MaxDepth = 64;

    // By a hash of the id: it is shorter, and as long whatever is sent.
    private readonly Dictionary<DedupeKey, DateTimeOffset> _latest = [];
    private readonly Dictionary<(DedupeKey Record, int Field), (long Time, uint Value)> _told = [];
    private DateTimeOffset _from = DateTimeOffset.MaxValue;

    /// <summary>Reads what was accepted from a time on, where that is not done yet.</summary>
    /// <exception cref="StoreException">The store cannot be read now.</exception>
    public async Task CoverAsync(DateTimeOffset from, CancellationToken cancellationToken)
    {
        if (from >= _from)
            return;

        string? cursor = null;
        do
        {
            var page = await store.ReadKeyedAsync(source, from, _from, cursor, cancellationToken).ConfigureAwait(false);
            foreach (var seen in page.Events)
                Add(DedupeKey.OfId(source, seen.Key!), seen);

            cursor = page.Next;
        }
        while (cursor is not null);
        _from = from;
    }

    /// <summary>The latest change of a record that was seen; <see langword="null"/>: none.</summary>
    public DateTimeOffset? LatestOf(string key) => _latest.TryGetValue(DedupeKey.OfId(source, key), out var latest) ? latest : null;

    /// <summary>What was last told of a field of a record; <see langword="null"/>: nothing.</summary>
    public uint? ToldOf(string key, int field) => _told.TryGetValue((DedupeKey.OfId(source, key), field), out var told) ? told.Value : null;

    /// <summary>
    /// Which change an event tells of is said by its newest timestamp, or where it has none, by when it was received.
    /// </summary>
    private void Add(DedupeKey record, WebhookEvent seen)
    {
        var latest = seen.ReceivedAt + reconcile.Overlap;
        if (seen.Origin == EventOrigin.Reconcile)
        {
            Add(record, latest, Found(record, seen) ?? seen.ReceivedAt);
            return;
        }

        var changes = updates.Read(seen.Body.Span) ?? [];
        Add(record, latest, changes.Count == 0 ? seen.ReceivedAt : TimeOf(changes.Max(change => change.Timestamp)));
        foreach (var change in changes)
        {
            foreach (var field in fields.CalledInWebhooks(change.Field))
                Tell(record, field, Math.Min(change.Timestamp, latest.UtcTicks), ComparedFields.Short(change.ValueHash));
        }
    }

    /// <returns>The change up to which it tells all.</returns>
    private DateTimeOffset? Found(DedupeKey record, WebhookEvent seen)
    {
        // A store may have dropped the body.
        if (seen.Body.IsEmpty)
            return null;

        using var document = JsonDocument.Parse(seen.Body, new JsonDocumentOptions { MaxDepth = MaxDepth });
        if (!document.RootElement.TryGetProperty(reconcile.UpdateTime, out var updateTime) || ApiTime.Read(updateTime) is not { } time)
            return null;

        foreach (var (field, value) in fields.Of(document.RootElement).Index())
        {
            if (value is not null)
                Tell(record, field, time.UtcTicks, value.Value);
        }

        return time;
    }

    private void Add(DedupeKey record, DateTimeOffset latest, DateTimeOffset time)
    {
        time = time < latest ? time : latest;
        if (_latest.TryGetValue(record, out var before) ? time > before : _latest.Count < MostRecords)
            _latest[record] = time;
    }

    // What was accepted earlier may be read later.
    private void Tell(DedupeKey record, int field, long time, uint value)
    {
        if (_told.TryGetValue((record, field), out var before) ? time >= before.Time : _told.Count < MostValues)
            _told[(record, field)] = (time, value);
    }

    private static DateTimeOffset TimeOf(long ticks) => new(ticks, TimeSpan.Zero);
}
