using System.Globalization;
using System.Text;
using HookGateway.Events;
using HookGateway.Storage.Redis.Link;
using HookGateway.Storage.Redis.Reading;
using HookGateway.Store;
using StackExchange.Redis;

namespace HookGateway.Storage.Redis.Writing;

/// <summary>The keys of coalescing sources.</summary>
internal sealed class CoalescedKeys(RedisLink link, EventReader events)
{
    public async Task<CoalescedKey?> FindAsync(string source, string key)
    {
        var partition = link.Partitions.Of(source, key);
        var fields = await link.RunAsync(
            database => database.HashGetAllAsync(link.Partitions.Key(partition, $"c:{PartitionMap.Suffix(source, key)}"))).ConfigureAwait(false);
        if (fields.Length == 0)
            return null;

        var known = fields.ToDictionary(field => (string)field.Name!, field => field.Value, StringComparer.Ordinal);
        return new CoalescedKey(
            (long)known["v"],
            (byte[])known["s"]!,
            known.Where(field => field.Key[0] == '#').ToDictionary(
                field => int.Parse(field.Key.AsSpan(1), CultureInfo.InvariantCulture), field => EventAddress.ReadId((byte[])field.Value!)),
            known["r"] is { IsNullOrEmpty: false } at ? DateTimeOffset.FromUnixTimeMilliseconds((long)at) : null);
    }

    public async Task<HeldKeys> ListAsync(DateTimeOffset dueBy, int limit, IReadOnlyCollection<string> notOf)
    {
        RedisValue[] arguments =
        [
            RedisValue.EmptyString, dueBy.ToUnixTimeMilliseconds(), limit, .. notOf.Select(source => (RedisValue)source),
        ];
        var answers = await Task.WhenAll(Enumerable.Range(0, link.Partitions.Count)
            .Select(partition => link.RunAsync(RedisScript.Held, partition, [.. arguments]))).ConfigureAwait(false);

        var due = new List<(HeldKey Key, double At)>();
        var held = new Dictionary<string, long>(StringComparer.Ordinal);
        double? next = null;
        foreach (var answer in answers.Select(answer => (RedisResult[])answer!))
        {
            due.AddRange(((RedisValue[])answer[0]!).Chunk(2).Select(pair => (ReadSuffix((byte[])pair[0]!), (double)pair[1])));
            if ((string?)answer[1] is { Length: > 0 })
                next = Math.Min(next ?? double.MaxValue, (double)answer[1]);

            foreach (var pair in ((RedisValue[])answer[2]!).Chunk(2))
                held[pair[0]!] = held.GetValueOrDefault(pair[0]!) + (long)pair[1];
        }

        return new HeldKeys(
            [.. due.OrderBy(one => one.At).Take(limit).Select(one => one.Key)],
            next is { } at ? DateTimeOffset.FromUnixTimeMilliseconds((long)at) : null,
            held.Where(pair => pair.Value > 0).ToDictionary());
    }

    public async Task<WebhookEvent?> ReleaseAsync(CoalesceStep step)
    {
        var partition = link.Partitions.Of(step.Source, step.Key);
        var arguments = new List<RedisValue>
        {
            RedisValue.EmptyString, partition, link.Partitions.Store, PartitionMap.Suffix(step.Source, step.Key),
        };
        StepArguments.Write(arguments, step);
        var id = (byte[]?)await link.RunAsync(RedisScript.Release, partition, [.. arguments]).ConfigureAwait(false);
        return id is { Length: > 0 } ? await ReadReleasedAsync(step.Release!, id).ConfigureAwait(false) : null;
    }

    /// <summary>What went out, with its id: as it was given, or as it was held.</summary>
    public async Task<WebhookEvent> ReadReleasedAsync(CoalescedRelease release, byte[] id) => release.Event is { } made
        ? made with { Id = EventAddress.ReadId(id) }
        : (await events.FindAsync(EventAddress.ReadId(id)).ConfigureAwait(false))?.Event
            ?? throw new StoreException("A released event is not there.");

    private static HeldKey ReadSuffix(byte[] suffix)
    {
        var colon = Array.IndexOf(suffix, (byte)':');
        var length = int.Parse(suffix.AsSpan(0, colon), CultureInfo.InvariantCulture);
        var source = suffix.AsSpan(colon + 1, length);
        return new HeldKey(Encoding.UTF8.GetString(source), Encoding.UTF8.GetString(suffix.AsSpan(colon + 2 + length)));
    }
}
