using HookGateway.Storage.Sqlite.Files;
using HookGateway.Storage.Sqlite.Journal;
using HookGateway.Storage.Sqlite.Writing;
using HookGateway.Store;
using Microsoft.Data.Sqlite;

namespace HookGateway.Storage.Sqlite.Reading;

/// <summary>
/// Deletes the journal's files whose events are gone. Of a file that few are left of, those are moved into the database: one
/// dead delivery must not keep thousands that are done.
/// </summary>
internal sealed class JournalRetention(StoreFile file, JournalSegments segments, StoreWriter writer)
{
    /// <summary>How long a file stays that nothing needs: so that a copy of the database finds all of its own, if copied after it.</summary>
    public static readonly TimeSpan KeptFor = TimeSpan.FromHours(1);

    private const int SegmentsARun = 16;
    private const int MovedAtOnce = 64;

    /// <summary>Of a file that holds more than this share of its size, the rest is not moved.</summary>
    private const int FewShare = 8;

    private int _after;

    /// <summary>Looks at some of the files, each run at the next ones.</summary>
    public async Task RunAsync(RetentionLimits limits, long now, CancellationToken cancellationToken)
    {
        var before = now - (long)Math.Min(limits.Delivered.TotalMilliseconds, limits.Dead.TotalMilliseconds);
        foreach (var segment in await BackgroundThread.RunAsync(() => ReadOld(before), cancellationToken).ConfigureAwait(false))
        {
            if (await TryEmptyAsync(segment, cancellationToken).ConfigureAwait(false))
                await ChangeAsync($"UPDATE segments SET freed_ms = {now} WHERE number = {segment.Number}", cancellationToken).ConfigureAwait(false);
        }

        await DeleteFreedAsync(now - (long)KeptFor.TotalMilliseconds, cancellationToken).ConfigureAwait(false);
    }

    private async Task<bool> TryEmptyAsync(Segment segment, CancellationToken cancellationToken)
    {
        var left = await BackgroundThread.RunAsync(() => ReadLeft(segment), cancellationToken).ConfigureAwait(false);
        if (left.Count > 0 && left.Sum(e => (long)e.Bytes) > segments.LengthOf(segment.Number) / FewShare)
            return false;

        try
        {
            foreach (var some in left.Chunk(MovedAtOnce))
            {
                var bodies = await BackgroundThread.RunAsync(() => ReadBodies(some), cancellationToken).ConfigureAwait(false);
                await writer.RunAsync(s => Move(s, some, bodies), cancellationToken).ConfigureAwait(false);
            }

            return true;
        }
        catch (SqliteException e) when (StoreFile.IsDamage(e))
        {
            // It stays as it is, for whoever restores it, and keeps no other file.
            return false;
        }
    }

    private List<byte[]> ReadBodies(Left[] events)
    {
        using var bodies = new JournalBodies(segments);
        return [.. events.Select(e => bodies.Read(new JournalPlace(e.At), e.Bytes))];
    }

    private async Task DeleteFreedAsync(long before, CancellationToken cancellationToken)
    {
        foreach (var number in await BackgroundThread.RunAsync(() => ReadFreed(before), cancellationToken).ConfigureAwait(false))
        {
            // The file first: a row without it is deleted the next time.
            segments.Delete(number);
            await ChangeAsync($"DELETE FROM segments WHERE number = {number}", cancellationToken).ConfigureAwait(false);
        }
    }

    private static bool Move(StoreSession session, Left[] events, List<byte[]> bodies) => session.InTransaction(() =>
    {
        using var move = new SqliteStatement(session.Connection, "UPDATE events SET body = ?2, at = NULL WHERE seq = ?1 AND at = ?3");
        foreach (var (left, body) in events.Zip(bodies))
            move.Bind(1, left.Seq).Bind(2, body).Bind(3, left.At).Run();

        return true;
    });

    private Task<bool> ChangeAsync(string sql, CancellationToken cancellationToken) => writer.RunAsync(
        s => s.InTransaction(() =>
        {
            s.Connection.Execute(sql);
            return true;
        }),
        cancellationToken);

    /// <summary>Files all of whose events are older than a time, but not the last one.</summary>
    private List<Segment> ReadOld(long before)
    {
        using var connection = file.OpenReader();
        using var rows = new SqliteStatement(
            connection,
            """
            WITH numbered AS (
              SELECT number, first_seq, freed_ms, lead(first_seq) OVER (ORDER BY number) AS next_seq, lead(first_ms) OVER (ORDER BY number) AS next_ms
              FROM segments)
            SELECT number, first_seq, next_seq FROM numbered
            WHERE freed_ms IS NULL AND next_ms < ?1 AND number > ?2 ORDER BY number LIMIT ?3
            """);
        var old = new List<Segment>();
        rows.Bind(1, before).Bind(2, (long)_after).Bind(3, (long)SegmentsARun);
        while (rows.Step())
            old.Add(new Segment(rows.Int32(0), rows.Int64(1), rows.Int64(2)));

        _after = old.Count < SegmentsARun ? 0 : old[^1].Number;
        return old;
    }

    private List<Left> ReadLeft(Segment segment)
    {
        using var connection = file.OpenReader();
        using var rows = new SqliteStatement(connection, "SELECT seq, at, size FROM events WHERE seq >= ?1 AND seq < ?2 AND at IS NOT NULL");
        var left = new List<Left>();
        rows.Bind(1, segment.First).Bind(2, segment.Next);
        while (rows.Step())
            left.Add(new Left(rows.Int64(0), rows.Int64(1), rows.Int32(2)));

        return left;
    }

    private List<int> ReadFreed(long before)
    {
        using var connection = file.OpenReader();
        using var rows = new SqliteStatement(connection, "SELECT number FROM segments WHERE freed_ms <= ?1 ORDER BY number");
        var freed = new List<int>();
        rows.Bind(1, before);
        while (rows.Step())
            freed.Add(rows.Int32(0));

        return freed;
    }

    private readonly record struct Segment(int Number, long First, long Next);

    private readonly record struct Left(long Seq, long At, int Bytes);
}
