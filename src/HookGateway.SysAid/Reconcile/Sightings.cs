using System.Text.Json;
using HookGateway.Events;
using HookGateway.Store;

namespace HookGateway.SysAid.Reconcile;

/// <summary>
/// Which changes of a source's records the store has seen: the latest of each record. What was accepted is read once, as far back as
/// it is asked about.
/// </summary>
/// <param name="store">Has what was accepted.</param>
/// <param name="source">The source's name.</param>
/// <param name="ahead">By how much a sender's clock may be ahead; a later timestamp counts as that.</param>
internal sealed class Sightings(IEventStore store, string source, TimeSpan ahead)
{
    // Some 50 MB. Records beyond them count as not seen, and are made an event once more than need be.
    private const int MostRecords = 1_000_000;
    private const int MaxDepth = 64;

    // By a hash of the id: it is shorter, and as long whatever is sent.
    private readonly Dictionary<DedupeKey, DateTimeOffset> _latest = [];
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
                Add(DedupeKey.OfId(source, seen.Key!), TimeOf(seen));

            cursor = page.Next;
        }
        while (cursor is not null);
        _from = from;
    }

    /// <summary>Whether a change of the record at that time, or a later one, was seen.</summary>
    public bool Has(string key, DateTimeOffset time) =>
        _latest.TryGetValue(DedupeKey.OfId(source, key), out var latest) && latest >= time;

    /// <summary>Which change an event tells of: its newest timestamp, or where it has none, when it was received.</summary>
    private DateTimeOffset TimeOf(WebhookEvent seen)
    {
        var told = Newest(seen);
        var latest = seen.ReceivedAt + ahead;
        return told is { } time ? time < latest ? time : latest : seen.ReceivedAt;
    }

    private static DateTimeOffset? Newest(WebhookEvent seen)
    {
        try
        {
            using var document = JsonDocument.Parse(seen.Body, new JsonDocumentOptions { MaxDepth = MaxDepth });
            var body = document.RootElement;
            if (body.ValueKind != JsonValueKind.Object)
                return null;

            if (seen.Origin == EventOrigin.Reconcile)
                return body.TryGetProperty("updateTime", out var updateTime) ? ApiTime.Read(updateTime) : null;

            return body.TryGetProperty("updates", out var updates) && updates.ValueKind == JsonValueKind.Array
                ? updates.EnumerateArray().Select(TimeOf).Max()
                : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static DateTimeOffset? TimeOf(JsonElement update) =>
        update.ValueKind == JsonValueKind.Object && update.TryGetProperty("timestamp", out var timestamp) ? ApiTime.Read(timestamp) : null;

    private void Add(DedupeKey key, DateTimeOffset time)
    {
        if (_latest.TryGetValue(key, out var before) ? time > before : _latest.Count < MostRecords)
            _latest[key] = time;
    }
}
