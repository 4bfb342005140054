using System.Globalization;

namespace HookGateway.Storage.Redis.Reading;

/// <summary>A place of a bulk replay, as pages and steps carry it.</summary>
/// <param name="Partition">In which partition.</param>
/// <param name="Number">The last event's number that is behind it.</param>
/// <param name="Time">When the last event that was looked at was accepted.</param>
internal readonly record struct BulkReplayCursor(int Partition, long Number, long Time)
{
    public static BulkReplayCursor Read(string text)
    {
        var parts = text.Split(':');
        return new BulkReplayCursor(
            int.Parse(parts[0], CultureInfo.InvariantCulture), long.Parse(parts[1], CultureInfo.InvariantCulture),
            long.Parse(parts[2], CultureInfo.InvariantCulture));
    }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Partition}:{Number}:{Time}");
}
