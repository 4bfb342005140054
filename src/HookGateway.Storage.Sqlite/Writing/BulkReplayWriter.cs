using HookGateway.Storage.Sqlite.Files;
using HookGateway.Storage.Sqlite.Reading;
using HookGateway.Storage.Sqlite.Rows;
using HookGateway.Store;
using Microsoft.Data.Sqlite;

namespace HookGateway.Storage.Sqlite.Writing;

/// <summary>Begins bulk replays, moves them on and ends them. Writer thread only.</summary>
internal sealed class BulkReplayWriter(SqliteConnection connection, ReplayWriter replays, Books books) : IDisposable
{
    /// <summary>A step makes no more than this and what its last event takes.</summary>
    private const int StepDeliveries = 256;

    private const int MostKept = 1000;

    private readonly SqliteStatement _begin = new(
        connection,
        "INSERT INTO replays SELECT NULL, ?1, iif(?5 > ?4, 0, 1), NULL, ?2, iif(?5 > ?4, NULL, ?2), ?3, ?4, ?5, 0, 0, 0, 0, 0 RETURNING id");

    private readonly SqliteStatement _forget = new(
        connection,
        $"DELETE FROM replays WHERE id <= (SELECT max(id) FROM replays) - {MostKept} AND state <> 0 AND made = delivered + dead");

    private readonly SqliteStatement _move = new(
        connection,
        """
        UPDATE replays SET cursor = ?2, matched = matched + ?3, skipped = skipped + ?4,
          state = iif(?2 >= until, 1, 0), ended_ms = iif(?2 >= until, ?5, NULL)
        WHERE id = ?1
        """);

    private readonly SqliteStatement _end = new(
        connection, "UPDATE replays SET state = ?2, reason = ?3, ended_ms = ?4 WHERE id = ?1 AND state = 0");

    private readonly SqliteStatement _disposition = new(connection, "SELECT disposition FROM events WHERE seq = ?1");

    /// <summary>Writes a new one into the open transaction.</summary>
    /// <param name="request">What was asked for.</param>
    /// <param name="newest">The newest event.</param>
    /// <param name="now">When.</param>
    /// <returns>Its number.</returns>
    public long Begin(BulkReplayRequest request, long newest, long now)
    {
        var first = request.Filter.From is { } from
            ? EventIdSearch.FirstAt(connection, from)
            : connection.Scalar("SELECT coalesce(min(seq), 1) FROM events");
        var until = request.Filter.To is { } to ? Math.Min(newest, EventIdSearch.FirstAt(connection, to) - 1) : newest;
        _begin.Bind(1, BulkReplayRow.Write(request)).Bind(2, now).Bind(3, first).Bind(4, first - 1).Bind(5, Math.Max(first - 1, until)).Step();
        var id = _begin.Int64(0);
        _begin.Reset();
        _forget.Run();
        return id;
    }

    /// <summary>Writes a step into the open transaction; nothing where the replay is elsewhere already.</summary>
    public void Step(BulkReplayStep step, long now)
    {
        if (BulkReplayRow.Find(connection, step.Id) is not { Replay.State: BulkReplayState.Running } at
            || Cursor.Write(at.Cursor) != step.From)
            return;

        var next = Cursor.Read(step.Next);
        var (cursor, made, matched, skipped) = (at.Cursor, 0, 0, 0);
        foreach (var asked in step.Events)
        {
            if (made >= StepDeliveries)
            {
                next = cursor;
                break;
            }

            // Retention may have deleted it since, and another replay changed its state.
            if (EventIdSearch.Find(connection, asked.Id, cursor + 1, next + 1) is not { } seq)
                continue;

            cursor = seq;
            var deliveries = replays.ReadDeliveries(seq);
            if (at.Replay.Request.Filter.State is { } wanted && wanted != StateOf(seq, deliveries))
                continue;

            matched++;
            var count = Owe(at.Replay, seq, deliveries, asked, now);
            made += count;
            skipped += count == 0 ? 1 : 0;
        }

        _move.Bind(1, step.Id).Bind(2, next).Bind(3, (long)matched).Bind(4, (long)skipped).Bind(5, now).Run();
    }

    /// <summary>Ends a running one in the open transaction.</summary>
    public void End(long id, string? failure, long now)
    {
        var state = failure is null ? BulkReplayState.Cancelled : BulkReplayState.Failed;
        _end.Bind(1, id).Bind(2, (long)state).Bind(3, failure).Bind(4, now).Run();
    }

    public void Dispose()
    {
        foreach (var statement in (ReadOnlySpan<IDisposable>)[_begin, _forget, _move, _end, _disposition])
            statement.Dispose();
    }

    private int Owe(BulkReplay replay, long seq, List<MadeDelivery> deliveries, BulkReplayEvent asked, long now)
    {
        if (replays.Refuse(seq) is not null)
            return 0;

        var origin = new ReplayOrigin(asked.Trace, replay.Id, replay.Request.OnlyDead);
        var count = replays.Owe(seq, deliveries, asked.Destinations, origin, now)?.Count ?? 0;
        for (var i = 0; i < count; i++)
            books.Replayed(replay.Id);

        return count;
    }

    private Events.EventState StateOf(long seq, List<MadeDelivery> deliveries)
    {
        _disposition.Bind(1, seq).Step();
        var disposition = (Disposition)_disposition.Int32(0);
        _disposition.Reset();
        return EventStanding.Of(disposition, deliveries.Select(d => d.State));
    }
}
