using HookGateway.Storage.Redis.Format;
using HookGateway.Storage.Redis.Link;
using HookGateway.Storage.Redis.Reading;
using HookGateway.Store;
using StackExchange.Redis;

namespace HookGateway.Storage.Redis.Writing;

/// <summary>Begins bulk replays, moves them on and ends them. A step is one script in the partition that its events are in.</summary>
internal sealed class BulkReplayWriter(RedisLink link, MemoryWatch memory, BulkReplayReader reader)
{
    /// <summary>A step makes no more than this and what its last event takes.</summary>
    private const int StepDeliveries = 256;

    private const int MostKept = 1000;

    public async Task<BulkReplay> BeginAsync(BulkReplayRequest request)
    {
        RedisValue[] times = [Time(request.Filter.From), Time(request.Filter.To)];
        var bounds = await Task.WhenAll(Enumerable.Range(0, link.Partitions.Count)
            .Select(partition => link.RunAsync(RedisScript.BulkBounds, partition, [RedisValue.EmptyString, .. times]))).ConfigureAwait(false);
        var ranges = bounds.Select(range => (long[])range!).ToList();

        // One write: it is begun everywhere, or nowhere.
        var format = new BulkReplayFormat(request, [.. ranges.Select(range => range[0])], [.. ranges.Select(range => range[1])]);
        var newest = ranges.Max(range => range[2]);
        var id = (long)await link.RunAsync(RedisScript.BulkBegin, BulkReplayReader.Home, [RedisValue.EmptyString, format.Write(), newest]).ConfigureAwait(false);
        var begun = await FindAsync(id).ConfigureAwait(false) ?? throw new StoreException("The replay is not kept: check that nothing else deletes keys.");
        await TryForgetAsync(id).ConfigureAwait(false);
        return begun;
    }

    public async Task<BulkReplay?> StepAsync(BulkReplayStep step)
    {
        if (await reader.FindAsync(step.Id).ConfigureAwait(false) is not { } known)
            return null;

        if (known.Replay.State != BulkReplayState.Running)
            return known.Replay;

        if (memory.IsShort)
            throw new StoreException("Redis is nearly full: bulk replays go on once it has room.");

        var (from, next) = (BulkReplayCursor.Read(step.From), BulkReplayCursor.Read(step.Next));
        var filter = known.Replay.Request.Filter;
        var arguments = new List<RedisValue>
        {
            RedisValue.EmptyString, step.Id, known.First(from.Partition) - 1, known.Last(from.Partition), from.Number, next.Number, next.Time,
            filter.State is { } state ? (int)state : RedisValue.EmptyString, known.Replay.Request.OnlyDead ? 1 : 0, Replayer.MostDeliveries,
            StepDeliveries,
        };
        foreach (var asked in step.Events)
        {
            arguments.AddRange(
            [
                EventAddress.Of(asked.Id).Number, EventAddress.WriteId(asked.Id), DeliveryFormat.WriteTrace(asked.Trace), asked.Destinations.Count,
                .. asked.Destinations.Select(name => (RedisValue)name),
            ]);
        }

        await link.RunAsync(RedisScript.BulkStep, from.Partition, [.. arguments]).ConfigureAwait(false);
        return await FindAsync(step.Id).ConfigureAwait(false);
    }

    public async Task<BulkReplay?> EndAsync(long id, string? failure)
    {
        if (await FindAsync(id).ConfigureAwait(false) is not { State: BulkReplayState.Running } replay)
            return await FindAsync(id).ConfigureAwait(false);

        var state = failure is null ? BulkReplayState.Cancelled : BulkReplayState.Failed;
        await link.RunAsync(RedisScript.BulkEnd, BulkReplayReader.Home, [RedisValue.EmptyString, id, (int)state, failure ?? ""]).ConfigureAwait(false);

        // A step that was on its way makes nothing any more.
        await Task.WhenAll(Enumerable.Range(0, link.Partitions.Count)
            .Select(partition => link.RunAsync(database => database.HashSetAsync(reader.PlaceKey(partition, id), "stopped", 1)))).ConfigureAwait(false);
        return await FindAsync(id).ConfigureAwait(false) ?? replay;
    }

    private async Task<BulkReplay?> FindAsync(long id) => (await reader.FindAsync(id).ConfigureAwait(false))?.Replay;

    /// <summary>Forgets those that owe nothing, beyond the newest thousand. What fails is done by the next one that begins.</summary>
    private async Task TryForgetAsync(long newest)
    {
        try
        {
            if (await link.RunAsync(database => database.HashLengthAsync(reader.Begun)).ConfigureAwait(false) <= MostKept)
                return;

            foreach (var id in (await reader.IdsAsync().ConfigureAwait(false)).Where(id => id <= newest - MostKept))
            {
                if (await FindAsync(id).ConfigureAwait(false) is { State: not BulkReplayState.Running, Pending: 0 })
                    await ForgetAsync(id).ConfigureAwait(false);
            }
        }
        catch (StoreException)
        {
            // The replay itself is kept.
        }
    }

    private async Task ForgetAsync(long id)
    {
        // Where it stands comes last: without that it would begin anew.
        foreach (var key in (RedisKey[])[reader.Begun, reader.Ended, reader.Final])
            await link.RunAsync(database => database.HashDeleteAsync(key, id)).ConfigureAwait(false);

        await Task.WhenAll(Enumerable.Range(0, link.Partitions.Count)
            .Select(partition => link.RunAsync(database => database.KeyDeleteAsync(reader.PlaceKey(partition, id))))).ConfigureAwait(false);
    }

    private static RedisValue Time(DateTimeOffset? time) => time?.ToUnixTimeMilliseconds() ?? RedisValue.EmptyString;
}
