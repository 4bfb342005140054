using System.Globalization;
using System.Numerics;
using System.Text;
using HookGateway.Store;
using StackExchange.Redis;

namespace HookGateway.Storage.Redis.Link;

/// <summary>Which partition something lies in, and what its keys are called. The same in every gateway and version.</summary>
internal sealed class PartitionMap
{
    private readonly RedisKey[] _tags;

    public PartitionMap(string prefix, int count, int store)
    {
        _tags = [.. Enumerable.Range(0, count).Select(p => (RedisKey)Tag(prefix, p))];
        Store = store;
    }

    /// <summary>How many partitions there are.</summary>
    public int Count => _tags.Length;

    /// <summary>The store's own 12 bits in every id.</summary>
    public int Store { get; }

    /// <summary>The hash tag, which each key of a partition begins with.</summary>
    public RedisKey TagOf(int partition) => _tags[partition];

    public RedisKey Key(int partition, string kind) => _tags[partition].Append($":{kind}");

    public RedisKey EventKey(EventAddress address) =>
        _tags[address.Partition].Append(string.Create(CultureInfo.InvariantCulture, $":e:{address.Number}"));

    public int Of(AcceptRequest request) => request.Event.Key is { } key
        ? Of(request.Event.Source, key)
        : (int)(uint)(request.DedupeKey.Value % (uint)Count);

    public int Of(string source, string key) => Of($"{source}\0{key}");

    public int Of(string name)
    {
        var sum = uint.MaxValue;
        foreach (var one in Encoding.UTF8.GetBytes(name))
            sum = BitOperations.Crc32C(sum, one);

        return (int)(sum % (uint)Count);
    }

    /// <summary>How the keys that belong to one key of a source end; empty where there is no key.</summary>
    public static string Suffix(string source, string? key) => key is null
        ? ""
        : string.Create(CultureInfo.InvariantCulture, $"{Encoding.UTF8.GetByteCount(source)}:{source}:{key}");

    public static string Tag(string prefix, int partition) => string.Create(CultureInfo.InvariantCulture, $"{{{prefix}:{partition}}}");
}
