using System.Runtime.InteropServices;
using HookGateway.Events;
using HookGateway.Storage.Sqlite.Files;
using HookGateway.Storage.Sqlite.Memory;
using HookGateway.Storage.Sqlite.Rows;
using HookGateway.Store;
using Microsoft.Data.Sqlite;

namespace HookGateway.Storage.Sqlite.Writing;

/// <summary>The rows of accepted events. Each table is only ever appended to. Writer thread only.</summary>
internal sealed class EventInserter(SqliteConnection connection, NameTable names, Books books, OrderWriter order) : IDisposable
{
    private readonly SqliteStatement _event =
        new(connection, "INSERT INTO events VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)");

    private readonly SqliteStatement _delivery =
        new(connection, "INSERT INTO deliveries (row, destination, state, attempts, due_ms) VALUES (?1, ?2, 0, 0, ?3)");

    private readonly SqliteStatement _marks = new(connection, "INSERT INTO marks VALUES (?1, ?2, ?3)");
    private readonly SqliteStatement _name = new(connection, "INSERT INTO names VALUES (?1, ?2, ?3)");
    private readonly Dictionary<long, (long FirstSeq, List<byte> Marks)> _openMarks = [];

    public void Insert(long seq, WebhookEvent stored, Disposition disposition, int owed)
    {
        var source = IdOf(NameKind.Source, stored.Source);
        books.Accept(source, disposition);
        EventRow.Bind(_event.Bind(1, seq).Bind(3, (long)source), stored, disposition, owed).Run();
    }

    /// <summary>Puts a delivery that is about to be written into the order of its event's key.</summary>
    /// <returns>Whether it may start; else it waits.</returns>
    public bool EnterOrder(long row, string destination, WebhookEvent stored) =>
        order.Enter(IdOf(NameKind.Destination, destination), IdOf(NameKind.Source, stored.Source), stored.Key!, row);

    /// <summary>Writes one delivery that the event owes.</summary>
    /// <param name="row">Its row.</param>
    /// <param name="destination">Its destination's name.</param>
    /// <param name="due">When it is due; <see langword="null"/> where it is leased at once.</param>
    public void InsertDelivery(long row, string destination, long? due)
    {
        var id = IdOf(NameKind.Destination, destination);
        _delivery.Bind(1, row).Bind(2, (long)id).Bind(3, due).Run();
        books.Owe(id);
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
