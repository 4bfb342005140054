using HookGateway.Events;
using HookGateway.Storage.Sqlite.Files;
using HookGateway.Storage.Sqlite.Journal;
using HookGateway.Storage.Sqlite.Memory;
using HookGateway.Storage.Sqlite.Rows;
using HookGateway.Store;
using Microsoft.Data.Sqlite;

namespace HookGateway.Storage.Sqlite.Writing;

/// <summary>
/// The keys of coalescing sources: <c>coalesced</c> has their states, <c>superseded</c> which event went out in place of which,
/// <c>kept</c> what retention must leave for those that may yet come. Writer thread only.
/// </summary>
internal sealed class CoalesceWriter(SqliteConnection connection, StoreMemory memory, JournalSegments segments, EventInserter events, Books books) : IDisposable
{
    private readonly SqliteStatement _find = new(connection, "SELECT version, events FROM coalesced WHERE source = ?1 AND key = ?2");

    private readonly SqliteStatement _save = new(
        connection,
        """
        INSERT INTO coalesced (source, key, version, release_ms, forget_ms, events, state) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
        ON CONFLICT (source, key) DO UPDATE SET version = excluded.version, release_ms = excluded.release_ms,
          forget_ms = excluded.forget_ms, events = excluded.events, state = excluded.state
        """);

    private readonly SqliteStatement _event = new(connection, $"SELECT {EventRow.Columns} FROM events e WHERE seq = ?1");

    private readonly SqliteStatement _move = new(
        connection, $"UPDATE events SET disposition = ?2, owed = ?3 WHERE seq = ?1 AND disposition = {(int)Disposition.Held}");

    private readonly SqliteStatement _supersede = new(connection, "INSERT INTO superseded VALUES (?1, ?2)");
    private readonly SqliteStatement _keep = new(connection, "INSERT OR REPLACE INTO kept VALUES (?1, ?2)");

    /// <summary>Begins a step in the open transaction.</summary>
    /// <returns><see langword="null"/> where the key is another than the step was decided against.</returns>
    public CoalesceCommit? Begin(CoalesceStep step)
    {
        var source = events.IdOf(NameKind.Source, step.Source);
        var (version, known) = (0L, new Dictionary<int, CoalescedEvent>());
        if (_find.Bind(1, (long)source).Bind(2, step.Key).Step())
        {
            (version, known) = (_find.Int64(0), CoalescedRow.Read(_find.Blob(1)));
            _find.Reset();
        }

        return version == step.Version && IsKnown(step, known) ? new CoalesceCommit(step, source, known) : null;
    }

    /// <summary>Lets out what the step says.</summary>
    /// <returns>The event that goes out; <see langword="null"/>: none does.</returns>
    public WebhookEvent? Release(StoreSession session, CoalesceCommit commit, long now)
    {
        if (commit.Step.Release is not { } release)
            return null;

        long seq;
        WebhookEvent released;
        if (release.Event is null)
        {
            seq = commit.Events[release.Number].Seq;
            Move(commit.Source, seq, release.Disposition, release.Destinations.Count);
            _event.Bind(1, seq).Step();
            using var bodies = new JournalBodies(segments);
            released = EventRow.Read(_event, bodies).Event;
            _event.Reset();
        }
        else
        {
            seq = session.NextSeq++;
            released = release.Event with { Id = memory.Ids.Next(now) };
            events.InsertWhole(seq, released, release.Disposition, release.Destinations.Count);
            commit.Events[release.Number] = new CoalescedEvent(seq, released.Id);
        }

        Keep(seq, release.KeepUntil);
        Owe(seq, released, release.Destinations, now);
        foreach (var number in release.TakesIn)
        {
            var taken = commit.Events[number].Seq;
            Move(commit.Source, taken, Disposition.Superseded, owed: 0);
            _supersede.Bind(1, taken).Bind(2, seq).Run();
        }

        return released;
    }

    /// <summary>What the step says of the event that was accepted with it; its row is written.</summary>
    public void Accepted(CoalesceCommit commit, long seq, EventId id)
    {
        var step = commit.Step;
        if (step.Number is { } number)
            commit.Events[number] = new CoalescedEvent(seq, id);

        if (step.KeepUntil is { } until)
            Keep(seq, until);
    }

    /// <summary>Ends the step: the accepted event's successor, if it has one, and the key's state.</summary>
    public void End(CoalesceCommit commit, long? accepted, long nextSeq)
    {
        var step = commit.Step;
        if (step.SupersededBy is { } by && accepted is { } seq)
            _supersede.Bind(1, seq).Bind(2, commit.Events[by].Seq).Run();

        if (step.State is not { } state)
            return;

        // A key that was forgotten and comes again shall not have a version that somebody still remembers. Each event of a key changes it
        // twice at most: when it comes, and when it is let out.
        var version = step.Version == 0 ? 2 * nextSeq : step.Version + 1;
        var refers = state.Refers.Select(number => KeyValuePair.Create(number, commit.Events[number])).ToList();
        _save.Bind(1, (long)commit.Source).Bind(2, step.Key).Bind(3, version)
            .Bind(4, state.ReleaseAt?.ToUnixTimeMilliseconds()).Bind(5, state.ForgetAt.ToUnixTimeMilliseconds())
            .Bind(6, CoalescedRow.Write(refers)).Bind(7, state.Bytes.Span).Run();
    }

    /// <summary>Owes an event's deliveries in the order of its key: due, or waiting, and leased to nobody.</summary>
    public void Owe(long seq, WebhookEvent stored, IEnumerable<string> destinations, long now)
    {
        foreach (var (ordinal, destination) in destinations.Index())
        {
            var row = DeliveryRow.Of(seq, ordinal);
            var isHead = events.EnterOrder(row, destination, stored);
            events.InsertDelivery(row, destination, isHead ? now : DeliveryRow.Waiting);
        }
    }

    public void Dispose()
    {
        foreach (var statement in (ReadOnlySpan<IDisposable>)[_find, _save, _event, _move, _supersede, _keep])
            statement.Dispose();
    }

    private static bool IsKnown(CoalesceStep step, Dictionary<int, CoalescedEvent> known)
    {
        var made = new[] { step.Number, step.Release?.Number };
        return (step.Release?.TakesIn ?? []).All(known.ContainsKey)
            && (step.Release is null or { Event: not null } || known.ContainsKey(step.Release.Number))
            && (step.SupersededBy is not { } by || made.Contains(by) || known.ContainsKey(by))
            && (step.State?.Refers ?? []).All(number => made.Contains(number) || known.ContainsKey(number));
    }

    private void Move(int source, long seq, Disposition to, int owed)
    {
        if (_move.Bind(1, seq).Bind(2, (long)to).Bind(3, (long)owed).Run() == 0)
            throw new InvalidOperationException("An event that is not held was to be released or superseded.");

        books.Move(source, Disposition.Held, to);
    }

    private void Keep(long seq, DateTimeOffset until) => _keep.Bind(1, seq).Bind(2, until.ToUnixTimeMilliseconds()).Run();
}

/// <summary>A step while it is written.</summary>
/// <param name="Step">What is to be done.</param>
/// <param name="Source">The source's number.</param>
/// <param name="Events">The events of the key, by their numbers; those that the step makes are added.</param>
internal sealed record CoalesceCommit(CoalesceStep Step, int Source, Dictionary<int, CoalescedEvent> Events);
