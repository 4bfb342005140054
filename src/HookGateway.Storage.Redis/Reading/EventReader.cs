using System.Globalization;
using HookGateway.Events;
using HookGateway.Storage.Redis.Format;
using HookGateway.Storage.Redis.Link;
using HookGateway.Store;
using StackExchange.Redis;

namespace HookGateway.Storage.Redis.Reading;

/// <summary>Finds events by their ids.</summary>
internal sealed class EventReader(RedisLink link)
{
    private const int IdBytes = 16;
    private const int MostSuperseded = 1000;

    public async Task<StoredEvent?> FindAsync(EventId id)
    {
        var address = EventAddress.Of(id);
        if (address.Partition >= link.Partitions.Count)
            return null;

        var fields = await link.RunAsync(database => database.HashGetAllAsync(link.Partitions.EventKey(address))).ConfigureAwait(false);
        var found = fields.ToDictionary(field => (string)field.Name!, field => field.Value, StringComparer.Ordinal);
        return found.TryGetValue("m", out var stored) && EventAddress.ReadId((byte[])stored!) == id ? Read(found) : null;
    }

    private static StoredEvent Read(Dictionary<string, RedisValue> fields)
    {
        // disposition|deliveries|size
        var standing = ((string)fields["p"]!).Split('|');
        var deliveries = int.Parse(standing[1], CultureInfo.InvariantCulture);
        var taken = (byte[]?)fields.GetValueOrDefault("t") ?? [];
        return new StoredEvent(
            EventFormat.Read((byte[])fields["m"]!, (byte[]?)fields.GetValueOrDefault("b")),
            (Disposition)int.Parse(standing[0], CultureInfo.InvariantCulture),
            [.. Enumerable.Range(0, deliveries).Select(ordinal => ReadDelivery(fields, ordinal))])
        {
            DroppedBodySize = fields.ContainsKey("b") ? null : EventFormat.ReadBodyLength((byte[])fields["m"]!),
            SupersededBy = (byte[]?)fields.GetValueOrDefault("y") is { } successor ? EventAddress.ReadId(successor) : null,
            Supersedes = [.. taken.Chunk(IdBytes).Take(MostSuperseded).Select(superseded => EventAddress.ReadId(superseded))],
        };
    }

    private static StoredDelivery ReadDelivery(Dictionary<string, RedisValue> fields, int ordinal)
    {
        var delivery = DeliveryFormat.Read((string)fields[Name(ordinal)]!);
        return delivery.Show(
            ordinal,
            [.. Enumerable.Range(1, delivery.Attempts).Select(number => AttemptFormat.Read((byte[])fields[$"{Name(ordinal)}.{Name(number)}"]!, number))]);
    }

    private static string Name(int number) => number.ToString(CultureInfo.InvariantCulture);
}
