using System.Globalization;
using System.Text.Json.Nodes;

namespace HookGateway.Testing.SysAid;

/// <summary>
/// The service records of the fake API, which a test changes while they are listed. The search sorts them by <c>updateTime</c>, the
/// latest first, so that every change shifts the offsets of what is listed after.
/// </summary>
public sealed class FakeServiceRecords
{
    private readonly Lock _gate = new();
    private readonly Dictionary<long, JsonObject> _records = [];

    /// <summary>Whether times are written as ISO 8601 and not as milliseconds since 1970.</summary>
    public bool IsoTimes { get; set; }

    /// <summary>What the search calls <c>id</c> and <c>updateTime</c>; it gives them as it gives any field.</summary>
    public (string Id, string UpdateTime)? Names { get; set; }

    /// <summary>Whether the search lists the earliest changed first instead.</summary>
    public bool EarliestFirst { get; set; }

    /// <summary>When the latest change was made.</summary>
    /// <exception cref="InvalidOperationException">There are no records.</exception>
    public DateTimeOffset Latest
    {
        get
        {
            lock (_gate)
                return DateTimeOffset.FromUnixTimeMilliseconds(_records.Values.Max(record => (long)record["updateTime"]!));
        }
    }

    /// <summary>Creates a record, or changes one.</summary>
    /// <param name="id">Its number.</param>
    /// <param name="updateTime">When that happens.</param>
    /// <param name="fields">What it has besides <c>id</c>, <c>updateTime</c> and <c>insertTime</c>.</param>
    public void Put(long id, DateTimeOffset updateTime, params (string Name, string Value)[] fields)
    {
        lock (_gate)
        {
            var record = _records.TryGetValue(id, out var before)
                ? before
                : new JsonObject { ["id"] = id, ["insertTime"] = updateTime.ToUnixTimeMilliseconds() };
            record["updateTime"] = updateTime.ToUnixTimeMilliseconds();
            foreach (var (name, value) in fields)
                record[name] = value;
            _records[id] = record;
        }
    }

    /// <summary>Deletes a record.</summary>
    public void Remove(long id)
    {
        lock (_gate)
            _records.Remove(id);
    }

    /// <summary>All records as the search lists them.</summary>
    /// <param name="fields">Which fields besides <c>id</c>; empty for all.</param>
    internal IReadOnlyList<JsonObject> Search(IReadOnlyCollection<string> fields)
    {
        lock (_gate)
        {
            var byTime = _records.Values.OrderBy(record => (long)record["updateTime"]!).ThenBy(record => (long)record["id"]!);
            return [.. (EarliestFirst ? byTime : byTime.Reverse()).Select(record => Shown(record, fields))];
        }
    }

    private JsonObject Shown(JsonObject record, IReadOnlyCollection<string> fields)
    {
        var shown = new JsonObject();
        foreach (var (name, value) in record)
        {
            var called = (name, Names) switch
            {
                ("id", { } names) => names.Id,
                ("updateTime", { } names) => names.UpdateTime,
                _ => name,
            };
            if (fields.Count > 0 && called != "id" && !fields.Contains(called))
                continue;
            shown[called] = IsoTimes && name is ("updateTime" or "insertTime")
                ? DateTimeOffset.FromUnixTimeMilliseconds((long)value!).ToString("yyyy-MM-ddTHH:mm:ss.fffZ", CultureInfo.InvariantCulture)
                : value?.DeepClone();
        }

        return shown;
    }
}
