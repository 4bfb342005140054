using HookGateway.Events;
using HookGateway.Storage.Redis.Link;

namespace HookGateway.Storage.Redis.Reading;

/// <summary>Where a list goes on: behind an event, which need not be there any more, as a text that callers hand back unread.</summary>
internal static class Cursor
{
    private const int Version = 7;

    public static string Write(EventId last) => last.Value.ToString("N");

    /// <exception cref="ArgumentException">It is none of this store.</exception>
    public static EventId? Read(string? cursor, PartitionMap partitions)
    {
        if (cursor is null)
            return null;

        return Guid.TryParseExact(cursor, "N", out var last) && last.Version == Version
            && EventAddress.Of(new EventId(last)) is { Number: > 0 } address && address.Partition < partitions.Count
                ? new EventId(last)
                : throw new ArgumentException("The cursor is not one that a list gave.", nameof(cursor));
    }
}
