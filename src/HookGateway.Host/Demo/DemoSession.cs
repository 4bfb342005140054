using System.Text.Json;

namespace HookGateway.Host.Demo;

/// <summary>
/// One edit session of a record: the webhooks of it that were accepted, and what is to arrive of it: each field's last value, never
/// before an older one, and one message where they came close enough to each other.
/// </summary>
/// <param name="name">For people.</param>
/// <param name="quiet">As configured.</param>
internal sealed class DemoSession(string name, TimeSpan quiet)
{
    private readonly List<DemoChange> _sent = [];
    private DateTimeOffset _begin = DateTimeOffset.MaxValue;
    private DateTimeOffset _end = DateTimeOffset.MinValue;

    /// <summary>How many of its webhooks were accepted.</summary>
    public int Webhooks { get; private set; }

    /// <summary>A webhook was accepted, at some moment between these two.</summary>
    public void Accepted(byte[] body, DateTimeOffset posted, DateTimeOffset answered)
    {
        Webhooks++;
        _sent.AddRange(DemoChange.In(body));
        (_begin, _end) = (posted < _begin ? posted : _begin, answered > _end ? answered : _end);
    }

    /// <summary>Whether a message tells of it.</summary>
    public bool IsIn(byte[] body) => DemoChange.In(body).Any(_sent.Contains);

    /// <summary>What is wrong with the messages that tell of it.</summary>
    /// <param name="messages">In the order in which they came.</param>
    /// <param name="isDue">Whether it is a fault that something has not arrived yet.</param>
    public IEnumerable<string> FaultsOf(IReadOnlyList<byte[]> messages, bool isDue)
    {
        var known = new Dictionary<string, DemoChange>();
        foreach (var change in messages.SelectMany(DemoChange.In))
        {
            if (known.TryGetValue(change.Field, out var before) && before.Time > change.Time)
                yield return $"{name}: {change.Field} went back to '{change.Value}'";

            known[change.Field] = change;
        }

        foreach (var last in _sent.GroupBy(change => change.Field).Select(field => field.MaxBy(change => change.Time)!))
        {
            if (known.GetValueOrDefault(last.Field) != last && (isDue || messages.Count > 0))
                yield return $"{name}: {last.Field} is '{last.Value}', which did not arrive";
        }

        if (messages.Count > 1 && _end - _begin < quiet)
            yield return $"{name}: became {messages.Count} messages";
    }
}

/// <summary>A change of a record's field.</summary>
internal sealed record DemoChange(int Record, string Field, string Value, long Time)
{
    /// <summary>The changes in a body, in its order.</summary>
    public static IReadOnlyList<DemoChange> In(byte[] body)
    {
        using var document = JsonDocument.Parse(body);
        var record = document.RootElement.GetProperty("srId").GetInt32();
        return
        [
            .. document.RootElement.GetProperty("updates").EnumerateArray().Select(change => new DemoChange(
                record, change.GetProperty("fieldName").GetString()!, change.GetProperty("currentValue").GetString()!,
                change.GetProperty("timestamp").GetInt64())),
        ];
    }
}
