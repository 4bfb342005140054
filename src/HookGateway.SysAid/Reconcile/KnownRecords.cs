using System.Buffers.Binary;
using HookGateway.Coalesce;

namespace HookGateway.SysAid.Reconcile;

/// <summary>
/// What each record was when all of it had last been told, in the fields that are compared. What it should be now is that, but for what
/// webhooks have told since; where it is something else, a change was lost. For one listing, one thread at a time.
/// </summary>
/// <param name="fields">Those that are compared.</param>
/// <param name="listedAt">
/// When the last whole listing began; <see langword="null"/>: none did with these fields, and records are taken as they are.
/// </param>
internal sealed class KnownRecords(ComparedFields fields, DateTimeOffset? listedAt)
{
    // Some 50 MB with seven fields. Of records beyond them only the time of change is looked at.
    private const int Most = 500_000;

    private static readonly TimeSpan Gone = TimeSpan.FromDays(1);

    private readonly Dictionary<long, Known> _records = [];
    private readonly HashSet<long> _listed = [];

    /// <summary>How many bytes one takes where it is kept.</summary>
    public int Size => sizeof(long) + sizeof(long) + (fields.Count * sizeof(uint));

    /// <summary>How many are known.</summary>
    public int Count => _records.Count;

    /// <summary>
    /// Since when a record may have changes that nobody has looked at; <see langword="null"/>: it is taken as it is.
    /// </summary>
    public DateTimeOffset? SinceOf(ServiceRecord record) =>
        _records.TryGetValue(IdOf(record), out var known) && known.Since != 0 ? DateTimeOffset.FromUnixTimeMilliseconds(known.Since) : listedAt;

    /// <summary>Whether a record is what it should be.</summary>
    public bool IsAsTold(ServiceRecord record, Sightings sightings)
    {
        var known = _records.GetValueOrDefault(IdOf(record));
        if (listedAt is null || (known is null && _records.Count >= Most))
            return true;

        var shown = fields.Of(record.Json);
        return !shown.Where((value, field) => value is not null && value != (sightings.ToldOf(record.Key, field) ?? known?.Values[field] ?? 0)).Any();
    }

    /// <summary>All of the record as it is has been told, or need not be.</summary>
    public void Settle(ServiceRecord record) => Keep(record, since: null);

    /// <summary>The record has changes that will be looked at later.</summary>
    /// <param name="record">Which.</param>
    /// <param name="begun">When this listing began.</param>
    public void Leave(ServiceRecord record, DateTimeOffset begun)
    {
        _listed.Add(IdOf(record));
        if (listedAt is null)
            Keep(record, begun);
        else if (_records.TryGetValue(IdOf(record), out var known) ? known.Since == 0 : _records.Count < Most)
            _records[IdOf(record)] = new Known(known?.Values ?? new uint[fields.Count], listedAt.Value.ToUnixTimeMilliseconds());
    }

    /// <summary>
    /// All records were listed, but for those that are gone and those that moved as they changed meanwhile: which is which shows in time.
    /// </summary>
    public void End()
    {
        foreach (var (id, known) in _records.Where(record => !_listed.Contains(record.Key)).ToList())
        {
            if (known.Since == 0)
                _records[id] = known with { Since = listedAt!.Value.ToUnixTimeMilliseconds() };
            else if (DateTimeOffset.FromUnixTimeMilliseconds(known.Since) < listedAt - Gone)
                _records.Remove(id);
        }
    }

    /// <summary>All of it, in so many parts, each in an order of its own that does not change.</summary>
    public IEnumerable<byte[]> Write(int parts) => Enumerable.Range(0, parts).GroupJoin(
        _records.OrderBy(record => record.Key), part => part, record => (int)((ulong)record.Key % (ulong)parts), (_, records) => Write([.. records]));

    /// <summary>Takes in one of them.</summary>
    public void Read(ReadOnlySpan<byte> part)
    {
        for (; part.Length >= Size; part = part[Size..])
        {
            var values = new uint[fields.Count];
            for (var i = 0; i < values.Length; i++)
                values[i] = BinaryPrimitives.ReadUInt32LittleEndian(part[(16 + (i * sizeof(uint)))..]);

            _records[BinaryPrimitives.ReadInt64LittleEndian(part)] = new Known(values, BinaryPrimitives.ReadInt64LittleEndian(part[8..]));
        }
    }

    private byte[] Write(IReadOnlyList<KeyValuePair<long, Known>> records)
    {
        var part = new byte[records.Count * Size];
        for (var r = 0; r < records.Count; r++)
        {
            var (id, known) = records[r];
            var place = part.AsSpan(r * Size);
            BinaryPrimitives.WriteInt64LittleEndian(place, id);
            BinaryPrimitives.WriteInt64LittleEndian(place[8..], known.Since);
            for (var i = 0; i < known.Values.Length; i++)
                BinaryPrimitives.WriteUInt32LittleEndian(place[(16 + (i * sizeof(uint)))..], known.Values[i]);
        }

        return part;
    }

    private void Keep(ServiceRecord record, DateTimeOffset? since)
    {
        var id = IdOf(record);
        _listed.Add(id);
        var known = _records.GetValueOrDefault(id);
        if (known is null && _records.Count >= Most)
            return;

        var values = fields.Of(record.Json).Select((value, field) => value ?? known?.Values[field] ?? 0).ToArray();
        _records[id] = new Known(values, since?.ToUnixTimeMilliseconds() ?? 0);
    }

    private static long IdOf(ServiceRecord record) => UpdateList.HashOf(record.Id);

    /// <param name="Values">Of each field.</param>
    /// <param name="Since">When it was last known to be so, in milliseconds; 0: at the last listing.</param>
    private sealed record Known(uint[] Values, long Since);
}
