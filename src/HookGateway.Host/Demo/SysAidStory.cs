using System.Text.Json;
using System.Text.Json.Nodes;

namespace HookGateway.Host.Demo;

/// <summary>
/// What SysAid sends while one service record is created and edited twice: the record, each field as it changes, the whole session
/// once more with <c>sr_version</c>; and, as senders and networks do, some of it twice, some late and some never. One is forged.
/// </summary>
internal static class SysAidStory
{
    /// <summary>The requests, in their order.</summary>
    /// <param name="record">The record's number.</param>
    /// <param name="time">For ids and timestamps.</param>
    public static IReadOnlyList<DemoEvent> Of(int record, TimeProvider time)
    {
        var (number, now) = ($"record {record}", time.GetUtcNow());
        var (first, second) = ($"{number}, first session", $"{number}, second session");
        var created = Body("sr.created", null, ("title", "Printer on fire", 0), ("status", "1", 0), ("priority", "3", 0));
        var priority = Body("sr.updated", null, ("priority", "1", 1));
        var assignee = Body("sr.updated", null, ("assignee", "adm", 2));
        var status = Body("sr.updated", null, ("status", "2", 3));
        var full = Body("sr.updated", 2, ("priority", "1", 1), ("assignee", "adm", 2), ("status", "2", 3));
        var title = Body("sr.updated", null, ("title", "Printer was on fire", 4));
        var closed = Body("sr.updated", null, ("status", "3", 5));
        var lost = Body("sr.updated", 3, ("title", "Printer was on fire", 4), ("status", "3", 5));
        var forged = Body("sr.updated", 4, ("status", "closed by someone else", 6));
        return
        [
            new($"{number} created", created, Expected.Accepted),
            new($"{number} priority changed", priority, Expected.Accepted, first),
            new($"{number} priority changed, sent again", priority, Expected.Duplicate),
            new($"{number} status changed", status, Expected.Lost, first),
            new($"{number} full update", full, Expected.Accepted, first),
            new($"{number} assignee changed, late: the full update was made after it", assignee, Expected.AcceptedLate, first),
            new($"{number} title changed", title, Expected.Accepted, second),
            new($"{number} closed", closed, Expected.Accepted, second),
            new($"{number} full update", lost, Expected.Lost, second),
            new($"{number} created, sent again", created, Expected.Duplicate),
            new($"{number} closed, forged", forged, Expected.Refused),
        ];

        byte[] Body(string name, int? version, params ReadOnlySpan<(string Field, string Value, int Moment)> changes) =>
            SysAidStory.Body(name, record, now, version, changes);
    }

    private static byte[] Body(
        string name, int record, DateTimeOffset start, int? version, ReadOnlySpan<(string Field, string Value, int Moment)> changes)
    {
        var updates = new JsonArray();
        foreach (var (field, value, moment) in changes)
        {
            updates.Add(new JsonObject
            {
                ["fieldName"] = field,
                ["currentValue"] = value,
                ["previousValue"] = "",
                ["timestamp"] = start.AddMilliseconds(100 * moment).ToUnixTimeMilliseconds(),
            });
        }

        var body = new JsonObject
        {
            ["id"] = Guid.CreateVersion7(start).ToString(),
            ["eventName"] = name,
            ["srId"] = record,
            ["updates"] = updates,
        };
        if (version is not null)
            body["sr_version"] = version;
        return JsonSerializer.SerializeToUtf8Bytes(body);
    }
}
