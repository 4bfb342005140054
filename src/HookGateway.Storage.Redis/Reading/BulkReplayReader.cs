using HookGateway.Storage.Redis.Format;
using HookGateway.Storage.Redis.Link;
using HookGateway.Store;
using StackExchange.Redis;

namespace HookGateway.Storage.Redis.Reading;

/// <summary>
/// Reads bulk replays and what each comes to next. They lie together in one partition, what each has counted in every partition; of one that
/// has ended and owes nothing the sums are kept, so that it costs no more to read.
/// </summary>
internal sealed class BulkReplayReader(RedisLink link)
{
    /// <summary>Where they all lie.</summary>
    public const int Home = 0;

    private const int MostAtOnce = 64;

    private readonly BulkReplayScan _scan = new(link);

    public RedisKey Begun => link.Partitions.Key(Home, "replays");

    public RedisKey Ended => link.Partitions.Key(Home, "replays:ended");

    public RedisKey Final => link.Partitions.Key(Home, "replays:final");

    public RedisKey PlaceKey(int partition, long id) => link.Partitions.Key(partition, $"replay:{id}");

    /// <summary>The numbers of all that are known.</summary>
    public async Task<IReadOnlyList<long>> IdsAsync() =>
        [.. (await link.RunAsync(database => database.HashKeysAsync(Begun)).ConfigureAwait(false)).Select(id => (long)id)];

    public async Task<KnownBulkReplay?> FindAsync(long id)
    {
        var begun = link.RunAsync(database => database.HashGetAsync(Begun, id));
        var ended = link.RunAsync(database => database.HashGetAsync(Ended, id));
        var places = ReadPlacesAsync(id);
        await Task.WhenAll(begun, ended, places).ConfigureAwait(false);
        return (string?)await begun.ConfigureAwait(false) is { } text
            ? new KnownBulkReplay(id, text, (string?)await ended.ConfigureAwait(false), await places.ConfigureAwait(false))
            : null;
    }

    /// <summary>All, the newest first.</summary>
    public async Task<IReadOnlyList<BulkReplay>> ListAsync()
    {
        var all = (await link.RunAsync(database => database.HashGetAllAsync(Final)).ConfigureAwait(false))
            .ToDictionary(field => (long)field.Name, field => BulkReplayFormat.ReadFinal(field.Value!));
        var ids = await IdsAsync().ConfigureAwait(false);
        foreach (var some in ids.Where(id => !all.ContainsKey(id)).Chunk(MostAtOnce))
        {
            foreach (var replay in (await Task.WhenAll(some.Select(FindAsync)).ConfigureAwait(false)).Select(known => known?.Replay).OfType<BulkReplay>())
            {
                all[replay.Id] = replay;
                if (replay.State != BulkReplayState.Running && replay.Pending == 0)
                    await link.RunAsync(database => database.HashSetAsync(Final, replay.Id, BulkReplayFormat.WriteFinal(replay))).ConfigureAwait(false);
            }
        }

        return [.. ids.Where(all.ContainsKey).OrderDescending().Select(id => all[id])];
    }

    /// <returns><see langword="null"/> where it is not running.</returns>
    public async Task<BulkReplayPage?> ReadAsync(long id, int limit)
    {
        if (await FindAsync(id).ConfigureAwait(false) is not { Replay.State: BulkReplayState.Running, Ahead: { } partition } known)
            return null;

        var at = new BulkReplayCursor(partition, known.Cursor(partition), known.TimeOf(partition));
        var (found, next) = await _scan.ReadAsync(known.Replay.Request, at, known.Last(partition), limit).ConfigureAwait(false);
        return new BulkReplayPage(known.Replay, found, at.ToString(), next.ToString());
    }

    private async Task<BulkReplayPlace[]> ReadPlacesAsync(long id)
    {
        var fields = await Task.WhenAll(Enumerable.Range(0, link.Partitions.Count).Select(partition => link.RunAsync(
            database => database.HashGetAsync(PlaceKey(partition, id), BulkReplayPlace.Fields)))).ConfigureAwait(false);
        return [.. fields.Select(BulkReplayPlace.Read)];
    }
}
