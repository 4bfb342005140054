using System.Buffers.Binary;
using HookGateway.Events;
using HookGateway.Storage.Redis.Format;
using HookGateway.Storage.Redis.Link;
using HookGateway.Store;
using StackExchange.Redis;

namespace HookGateway.Storage.Redis.Writing;

/// <summary>
/// Stores events. Of each partition one script is under way at a time, with all that has come since the one before.
/// </summary>
internal sealed class Acceptor(
    RedisLink link, PromiseWatch promises, MemoryWatch memory, HeldLeases leases, CoalescedKeys keys, RedisStoreOptions options,
    TimeProvider time)
{
    private const int MostDeliveries = 4096;
    private const int NonceBytes = 7;
    private const int DeliveriesAt = 10;

    private AcceptQueue[] _queues = [];

    public void Start() => _queues =
        [.. Enumerable.Range(0, link.Partitions.Count).Select(partition => new AcceptQueue(partition, link, options, time))];

    public async ValueTask<AcceptResult> AcceptAsync(AcceptRequest request)
    {
        if (Math.Max(request.Deliveries.Count, request.Coalesce?.Release?.Destinations.Count ?? 0) > MostDeliveries)
            return new AcceptResult.Unavailable($"An event can go to {MostDeliveries} destinations at most.");

        if (!link.Writable.IsOpen)
            return new AcceptResult.Unavailable("Redis cannot be written.");

        if (promises.Condition.Refusal is { } refusal)
            return new AcceptResult.Unavailable(refusal);

        if (memory.IsShort)
            return new AcceptResult.Unavailable("Redis is nearly full.");

        try
        {
            var answer = await _queues[link.Partitions.Of(request)].AcceptAsync(Write(request)).ConfigureAwait(false);
            return await ReadAsync(request, answer).ConfigureAwait(false);
        }
        catch (StoreException e)
        {
            return new AcceptResult.Unavailable(e.Message);
        }
    }

    private static RedisValue[] Write(AcceptRequest request)
    {
        var mark = new byte[16];
        BinaryPrimitives.WriteUInt128BigEndian(mark, request.DedupeKey.Value);
        var nonce = new byte[NonceBytes];
        Random.Shared.NextBytes(nonce);
        var body = StoredBody.Of(request.Event.Body);
        var arguments = new List<RedisValue>(DeliveriesAt + (3 * request.Deliveries.Count))
        {
            mark,
            nonce,
            (long)request.DedupeWindow.TotalMilliseconds,
            EventFormat.Write(request.Event, body),
            body.Bytes,
            request.Event.Size,
            request.Event.Source,
            (int)request.Disposition,
            PartitionMap.Suffix(request.Event.Source, request.Event.Key),
            request.Deliveries.Count,
        };
        foreach (var owed in request.Deliveries)
        {
            arguments.Add(owed.Destination);
            arguments.Add(owed.Lease ? 1 : 0);
            arguments.Add(owed.Ordered ? 1 : 0);
        }

        if (request.Coalesce is { } step)
            StepArguments.Write(arguments, step);

        return [.. arguments];
    }

    private async Task<AcceptResult> ReadAsync(AcceptRequest request, RedisResult[] answer)
    {
        switch ((int)answer[0])
        {
            case 1:
                return new AcceptResult.Duplicate(EventAddress.ReadId((byte[])answer[1]!));
            case 2:
                return new AcceptResult.Conflict();
        }

        var accepted = ReadAccepted(request, answer);
        return (byte[])answer[3]! is { Length: > 0 } released
            ? accepted with { Released = await keys.ReadReleasedAsync(request.Coalesce!.Release!, released).ConfigureAwait(false) }
            : accepted;
    }

    private AcceptResult.Accepted ReadAccepted(AcceptRequest request, RedisResult[] answer)
    {
        var stored = request.Event with { Id = EventAddress.ReadId((byte[])answer[1]!) };
        var number = EventAddress.Of(stored.Id).Number;
        var ordinals = (int[])answer[2]!;
        var leased = new Delivery[ordinals.Length];
        for (var i = 0; i < leased.Length; i++)
        {
            var owed = request.Deliveries[ordinals[i]];
            leased[i] = new Delivery
            {
                Event = stored,
                Destination = owed.Destination,
                Ordinal = ordinals[i],
                Attempts = 0,
                Sequence = owed.Ordered && stored.Key is not null ? number : null,
                Lease = new Lease(number, Epoch: 1),
            };
            leases.Add(leased[i]);
        }

        return new AcceptResult.Accepted(stored, leased);
    }
}
