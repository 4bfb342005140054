using HookGateway.Events;
using HookGateway.Storage.Sqlite.Files;
using HookGateway.Storage.Sqlite.Memory;
using HookGateway.Storage.Sqlite.Rows;
using HookGateway.Storage.Sqlite.Writing;
using HookGateway.Store;
using Microsoft.Data.Sqlite;

namespace HookGateway.Storage.Sqlite.Reading;

/// <summary>
/// Deletes what is old. What to delete is looked for on a reading connection, and deleted by the writer in small
/// transactions with accepts in between.
/// </summary>
internal sealed class Retention(
    SqliteStoreOptions options, StoreFile file, JournalRetention journal, StoreWriter writer, StoreMemory memory, TimeProvider time)
{
    private const int ScanRows = 2000;
    private const int StepRows = 256;

    public async Task<long> RunAsync(RetentionLimits limits, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        var removed = 0L;
        while (await writer.RunAsync(s => RemoveCoalesced(s, now), cancellationToken).ConfigureAwait(false) == StepRows)
        {
        }

        var pace = Pace.Of(options, TimeSpan.MaxValue, cancellationToken);
        for (long? after = 0; after is { } from;)
        {
            (var ended, after) = await BackgroundThread.RunAsync(() => Scan(from, now, limits, pace), cancellationToken).ConfigureAwait(false);
            foreach (var step in ended.Chunk(StepRows))
                removed += await writer.RunAsync(s => Remove(s, step), cancellationToken).ConfigureAwait(false);
        }

        while (await writer.RunAsync(s => RemoveMarks(s, now), cancellationToken).ConfigureAwait(false) == StepRows)
        {
        }

        await journal.RunAsync(limits, now, cancellationToken).ConfigureAwait(false);
        return removed;
    }

    private int Remove(StoreSession session, long[] events) => session.InTransaction(() =>
    {
        session.Remover.SaveLast(session.NextSeq - 1, memory.Ids.Last.Value);
        return session.Remover.Remove(events);
    });

    private static int RemoveMarks(StoreSession session, long now) =>
        session.InTransaction(() => session.Remover.RemoveMarks(now, StepRows));

    private static int RemoveCoalesced(StoreSession session, long now) =>
        session.InTransaction(() => session.Remover.RemoveCoalesced(now, StepRows));

    /// <summary>Looks at some events after a row.</summary>
    /// <returns>Those to delete, and where to go on; <see langword="null"/> at the first event that is young enough to stay.</returns>
    private (List<long> Ended, long? After) Scan(long after, long now, RetentionLimits limits, Pace pace)
    {
        using var connection = file.OpenReader();
        using var rows = new SqliteStatement(
            connection,
            $"""
            SELECT seq, id, iif(disposition = {(int)Disposition.Held}, 9, (SELECT max(iif(state < 2 OR EXISTS (SELECT 1 FROM ordered o WHERE o.row = d.row), 9, state)) FROM deliveries d
              WHERE row BETWEEN {DeliveryRow.First(1)} * seq AND {DeliveryRow.First(1)} * seq + {DeliveryRow.MaxFanOut - 1}))
            FROM events WHERE seq > ?1 ORDER BY seq LIMIT {ScanRows}
            """);
        var ended = new List<long>();
        var seen = 0;
        rows.Bind(1, after);
        while (rows.Step())
        {
            seen++;
            after = rows.Int64(0);
            var age = now - EventIdSequence.MillisecondsOf(new EventId(new Guid(rows.Blob(1), bigEndian: true)));
            if (age <= Math.Min(limits.Delivered.TotalMilliseconds, limits.Dead.TotalMilliseconds))
            {
                rows.Reset();
                return (ended, null);
            }

            // Of the states the worst counts: 2 and none at all are delivered, 3 is dead, and beyond something is owed, blocks or is held.
            var keep = rows.Int32(2) switch { <= 2 => limits.Delivered, 3 => limits.Dead, _ => TimeSpan.MaxValue };
            if (age > keep.TotalMilliseconds)
                ended.Add(after);

            pace.GiveWay();
        }

        return (ended, seen == ScanRows ? after : null);
    }
}
