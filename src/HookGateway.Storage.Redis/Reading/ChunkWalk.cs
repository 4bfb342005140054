using System.Globalization;
using HookGateway.Storage.Redis.Link;
using StackExchange.Redis;

namespace HookGateway.Storage.Redis.Reading;

/// <summary>Goes along a partition's events by their numbers, past those that are deleted, 256 chunks a question.</summary>
internal sealed class ChunkWalk(RedisLink link)
{
    /// <summary>So many numbers are in a chunk; the first of the first is 1.</summary>
    public const int Size = 256;

    private const int MostAtOnce = 256;

    /// <summary>The first number at or after one, and the last one of its chunk or before; <see langword="null"/>: no event is there.</summary>
    public async Task<(long First, long Last)?> NextAsync(int partition, long first, long last)
    {
        var key = link.Partitions.Key(partition, "chunks");
        for (var chunk = ChunkOf(first); first <= last && chunk <= ChunkOf(last); chunk += MostAtOnce)
        {
            var count = (int)Math.Min(MostAtOnce, ChunkOf(last) - chunk + 1);
            RedisValue[] asked = [.. Enumerable.Range(0, count).Select(i => (RedisValue)(chunk + i).ToString("D12", CultureInfo.InvariantCulture))];
            var scores = await link.RunAsync(database => database.SortedSetScoresAsync(key, asked)).ConfigureAwait(false);
            if (Array.FindIndex(scores, score => score is not null) is >= 0 and var found)
            {
                var begins = ((chunk + found) * Size) + 1;
                return (Math.Max(first, begins), Math.Min(last, begins + Size - 1));
            }
        }

        return null;
    }

    private static long ChunkOf(long number) => (number - 1) / Size;
}
