using System.Runtime.InteropServices;
using HookGateway.Events;
using HookGateway.Storage.Sqlite.Files;
using HookGateway.Storage.Sqlite.Journal;
using HookGateway.Storage.Sqlite.Memory;
using HookGateway.Storage.Sqlite.Rows;
using HookGateway.Store;
using Microsoft.Data.Sqlite;

namespace HookGateway.Storage.Sqlite.Writing;

/// <summary>The rows of accepted events. Each table is only ever appended to. Writer thread only.</summary>
internal sealed class EventInserter(SqliteConnection connection, NameTable names, Books books, OrderWriter order) : IDisposable
{
    private const string Columns = "seq, id, source, name, source_id, key, received_ms, content_type, trace, disposition, owed, body, headers, at, size, origin";
    private const string Values = "?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16";

    private readonly SqliteStatement _event = new(connection, $"INSERT INTO events ({Columns}) VALUES ({Values})");

    private readonly SqliteStatement _delivery =
        new(connection, "INSERT INTO deliveries (row, destination, state, attempts, due_ms) VALUES (?1, ?2, 0, 0, ?3)");

    private readonly SqliteStatement _marks = new(connection, "INSERT INTO marks VALUES (?1, ?2, ?3)");
    private readonly SqliteStatement _name = new(connection, "INSERT INTO names VALUES (?1, ?2, ?3)");
    private readonly Dictionary<long, (long FirstSeq, List<byte> Marks)> _openMarks = [];
    private readonly Dictionary<long, int> _fresh = [];

    /// <summary>Writes what was accepted into the open transaction, as it stands in the journal.</summary>
    /// <param name="accepted">What.</param>
    /// <param name="place">Where its record begins; it holds the body.</param>
    /// <param name="started">Told of each delivery that is leased at once: its ordinal, and whether it stands in an order.</param>
    public void Insert(in AcceptedEvent accepted, JournalPlace place, List<(int Ordinal, bool IsOrdered)> started)
    {
        var stored = accepted.Event;
        Bind(accepted.Seq, stored, accepted.Disposition, accepted.Deliveries.Count).Bind(14, place.Value).Run();
        AddMark(accepted.Seq, accepted.DedupeKey, stored.Id, accepted.Expires);
        for (var ordinal = 0; ordinal < accepted.Deliveries.Count; ordinal++)
        {
            var (destination, lease, ordered) = accepted.Deliveries[ordinal];
            var row = DeliveryRow.Of(accepted.Seq, ordinal);
            ordered &= stored.Key is not null;
            if (ordered && !EnterOrder(row, destination, stored))
                InsertDelivery(row, destination, DeliveryRow.Waiting);
            else if (!lease)
                InsertDelivery(row, destination, accepted.Now);
            else
                started.Add(InsertFresh(row, destination, ordinal, ordered));
        }
    }

    /// <summary>Writes an event, its body included, into the open transaction: one that is not in the journal.</summary>
    public void InsertWhole(long seq, WebhookEvent stored, Disposition disposition, int owed) =>
        Bind(seq, stored, disposition, owed).Bind(12, stored.Body.Span).Bind(14, (long?)null).Run();

    /// <summary>Whether a delivery was leased at once and is not in the table yet; from here on it is the caller's to write.</summary>
    public bool TryTakeFresh(long row, out int destination) => _fresh.Remove(row, out destination);

    /// <summary>Writes the deliveries that were leased at once and have not been settled since.</summary>
    public void FlushFresh()
    {
        foreach (var (row, destination) in _fresh)
            WriteFresh(row, destination);

        _fresh.Clear();
    }

    /// <summary>Writes one of them.</summary>
    public void FlushFresh(long row)
    {
        if (_fresh.Remove(row, out var destination))
            WriteFresh(row, destination);
    }

    /// <summary>Puts a delivery that is about to be written into the order of its event's key.</summary>
    /// <returns>Whether it may start; else it waits.</returns>
    public bool EnterOrder(long row, string destination, WebhookEvent stored) =>
        order.Enter(IdOf(NameKind.Destination, destination), IdOf(NameKind.Source, stored.Source), stored.Key!, row);

    /// <summary>Writes a delivery that the event owes, and that nobody holds.</summary>
    public void InsertDelivery(long row, string destination, long due)
    {
        var id = IdOf(NameKind.Destination, destination);
        _delivery.Bind(1, row).Bind(2, (long)id).Bind(3, due).Run();
        books.Owe(id);
    }

    private SqliteStatement Bind(long seq, WebhookEvent stored, Disposition disposition, int owed)
    {
        var source = IdOf(NameKind.Source, stored.Source);
        books.Accept(source, disposition);
        return EventRow.Bind(_event.Bind(1, seq).Bind(3, (long)source), stored, disposition, owed);
    }

    private void WriteFresh(long row, int destination) =>
        _delivery.Bind(1, row).Bind(2, (long)destination).Bind(3, (long?)null).Run();

    // Most are delivered before the transaction ends, and then written once, as what came of them.
    private (int Ordinal, bool IsOrdered) InsertFresh(long row, string destination, int ordinal, bool isOrdered)
    {
        var id = IdOf(NameKind.Destination, destination);
        _fresh.Add(row, id);
        books.Owe(id);
        return (ordinal, isOrdered);
    }

    /// <summary>Adds a mark to those of the open transaction.</summary>
    public void AddMark(long seq, DedupeKey key, EventId id, long expiresMilliseconds)
    {
        ref var open = ref CollectionsMarshal.GetValueRefOrAddDefault(_openMarks, expiresMilliseconds, out var exists);
        if (!exists)
            open = (seq, []);

        MarkRow.Write(open.Marks, key, id);
        if (open.Marks.Count < MarkRow.MaxMarks * MarkRow.Bytes)
            return;

        WriteMarks(expiresMilliseconds, open.FirstSeq, open.Marks);
        _openMarks.Remove(expiresMilliseconds);
    }

    /// <summary>Writes the marks of the open transaction; last, before its commit.</summary>
    public void FlushMarks()
    {
        foreach (var (expires, (firstSeq, marks)) in _openMarks)
            WriteMarks(expires, firstSeq, marks);

        _openMarks.Clear();
    }

    /// <summary>Forgets the marks of a transaction that failed.</summary>
    public void DiscardMarks() => _openMarks.Clear();

    public void Dispose()
    {
        foreach (var statement in (ReadOnlySpan<IDisposable>)[_event, _delivery, _marks, _name])
            statement.Dispose();
    }

    private void WriteMarks(long expires, long firstSeq, List<byte> marks) =>
        _marks.Bind(1, expires).Bind(2, firstSeq).Bind(3, CollectionsMarshal.AsSpan(marks)).Run();

    /// <summary>The number that stands for a name; a new one is written in the open transaction.</summary>
    public int IdOf(NameKind kind, string text)
    {
        if (names.TryFind(kind, text, out var id))
            return id;

        id = names.Add(kind, text);
        _name.Bind(1, (long)id).Bind(2, (long)kind).Bind(3, text).Run();
        return id;
    }
}
