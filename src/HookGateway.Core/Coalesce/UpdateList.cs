using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using HookGateway.Configuration;
using HookGateway.Verify;

namespace HookGateway.Coalesce;

/// <summary>The changes in a source's bodies: reads them, and puts others in their place.</summary>
internal sealed class UpdateList(UpdatesConfiguration updates)
{
    /// <summary>The longest name of a field, in characters: beyond it a body's changes count as unreadable.</summary>
    public const int LongestField = 200;

    /// <summary>The most changes that are read of one body; beyond it they count as unreadable.</summary>
    public const int Most = 1000;

    private readonly JsonPath _list = JsonPath.TryParse(updates.List)!;
    private readonly JsonPath _field = JsonPath.TryParse(updates.Field)!;
    private readonly JsonPath _value = JsonPath.TryParse(updates.Value)!;
    private readonly JsonPath _timestamp = JsonPath.TryParse(updates.Timestamp)!;

    /// <summary>Where the list stands in a body.</summary>
    public string Path => updates.List;

    /// <summary>Reads a body's changes, in its order.</summary>
    /// <returns><see langword="null"/> where there is no list, or something in it has no field or no time.</returns>
    public IReadOnlyList<FieldUpdate>? Read(ReadOnlySpan<byte> body)
    {
        try
        {
            if (JsonPlace.Find(body, _list) is not { } place)
                return null;

            var list = body[place];
            if (JsonPlace.Elements(list) is not { Count: <= Most } elements)
                return null;

            var read = new List<FieldUpdate>(elements.Count);
            foreach (var element in elements)
            {
                if (ReadOne(list[element]) is not { } update)
                    return null;

                read.Add(update);
            }

            return read;
        }
        catch (Exception fault) when (fault is JsonException or InvalidOperationException)
        {
            return null;
        }
    }

    /// <summary>A body with other changes in the place of its own, everything else byte for byte as it was.</summary>
    /// <param name="body">One whose changes could be read.</param>
    /// <param name="path">Where its list stands.</param>
    /// <param name="changes">What takes its place.</param>
    public static byte[] Replace(ReadOnlySpan<byte> body, string path, IEnumerable<FieldUpdate> changes)
    {
        var (offset, length) = JsonPlace.Find(body, JsonPath.TryParse(path)!)!.Value.GetOffsetAndLength(body.Length);
        return [.. body[..offset], .. Encoding.UTF8.GetBytes($"[{string.Join(',', changes.Select(change => change.Json))}]"), .. body[(offset + length)..]];
    }

    /// <summary>What tells a value; 0 of none.</summary>
    public static long HashOf(string? value) =>
        value is null ? 0 : BinaryPrimitives.ReadInt64BigEndian(SHA256.HashData(Encoding.UTF8.GetBytes(value)));

    private FieldUpdate? ReadOne(ReadOnlySpan<byte> json)
    {
        if (JsonPlace.Find(json, _field) is not { } field || JsonPlace.Find(json, _timestamp) is not { } time)
            return null;

        var name = JsonPlace.Text(json[field]);
        return name is { Length: > 0 and <= LongestField } && ReadTime(JsonPlace.Text(json[time])) is { } timestamp
            ? new FieldUpdate(name, timestamp, Hash(json), Encoding.UTF8.GetString(json))
            : null;
    }

    private long Hash(ReadOnlySpan<byte> json) =>
        HashOf(JsonPlace.Find(json, _value) is { } place ? JsonPlace.Text(json[place]) : null);

    private static long? ReadTime(string? text)
    {
        if (long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var milliseconds))
        {
            return milliseconds >= DateTimeOffset.MinValue.ToUnixTimeMilliseconds() && milliseconds <= DateTimeOffset.MaxValue.ToUnixTimeMilliseconds()
                ? DateTimeOffset.FromUnixTimeMilliseconds(milliseconds).UtcTicks
                : null;
        }

        return text is { Length: >= 10 and <= 40 } && text[4] == '-'
            && DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time)
            ? time.UtcTicks
            : null;
    }
}
