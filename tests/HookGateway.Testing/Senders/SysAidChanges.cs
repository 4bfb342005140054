using System.Text.Json;

namespace HookGateway.Testing.Senders;

/// <summary>What SysAid's bodies say was changed, and whether what came of many of them is right.</summary>
public static class SysAidChanges
{
    /// <summary>The changes in a body, in its order.</summary>
    public static IReadOnlyList<SysAidChange> In(byte[] body)
    {
        using var document = JsonDocument.Parse(body);
        return
        [
            .. document.RootElement.GetProperty("updates").EnumerateArray().Select(change => new SysAidChange(
                change.GetProperty("fieldName").GetString()!, change.GetProperty("currentValue").GetString()!,
                change.GetProperty("timestamp").GetInt64())),
        ];
    }

    /// <summary>The record that a body is about.</summary>
    public static int RecordOf(byte[] body)
    {
        using var document = JsonDocument.Parse(body);
        return document.RootElement.GetProperty("srId").GetInt32();
    }

    /// <summary>What is wrong with the messages about one record, in the order in which they came; <see langword="null"/>: nothing.</summary>
    /// <param name="sent">The bodies of all its webhooks that were acknowledged.</param>
    /// <param name="messages">The bodies that came out.</param>
    public static string? ProblemOf(IEnumerable<byte[]> sent, IEnumerable<byte[]> messages)
    {
        var known = new Dictionary<string, SysAidChange>();
        foreach (var change in messages.SelectMany(In))
        {
            if (known.TryGetValue(change.Field, out var before) && before.Time > change.Time)
                return $"{change} came after {before}";

            known[change.Field] = change;
        }

        foreach (var last in sent.SelectMany(In).GroupBy(change => change.Field).Select(field => field.MaxBy(change => change.Time)!))
        {
            if (known.GetValueOrDefault(last.Field) != last)
                return $"{last} was sent, {known.GetValueOrDefault(last.Field)} came last";
        }

        return null;
    }
}

/// <summary>A change in a webhook.</summary>
/// <param name="Field">What was changed.</param>
/// <param name="Value">To what.</param>
/// <param name="Time">When, in milliseconds since 1970.</param>
public sealed record SysAidChange(string Field, string Value, long Time);
