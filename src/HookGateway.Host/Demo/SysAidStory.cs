using System.Text.Json;
using System.Text.Json.Nodes;

namespace HookGateway.Host.Demo;

/// <summary>
/// What SysAid sends while one service record is created and edited: the record, each field as it changes, the whole
/// session once more with <c>sr_version</c>; and, as senders do, some of it twice. One is forged.
/// </summary>
internal static class SysAidStory
{
    /// <summary>The requests, in their order.</summary>
    /// <param name="record">The record's number.</param>
    /// <param name="time">For ids and timestamps.</param>
    public static IReadOnlyList<DemoEvent> Of(int record, TimeProvider time)
    {
        var created = Body("sr.created", record, time, null, ("title", "Printer on fire"), ("status", "1"), ("priority", "3"));
        var priority = Body("sr.updated", record, time, null, ("priority", "1"));
        var assignee = Body("sr.updated", record, time, null, ("assignee", "adm"));
        var full = Body("sr.updated", record, time, 2, ("priority", "1"), ("assignee", "adm"));
        var forged = Body("sr.updated", record, time, 3, ("status", "closed by someone else"));
        return
        [
            new($"record {record} created", created, Expected.Accepted),
            new($"record {record} priority changed", priority, Expected.Accepted),
            new($"record {record} priority changed, sent again", priority, Expected.Duplicate),
            new($"record {record} assignee changed", assignee, Expected.Accepted),
            new($"record {record} full update", full, Expected.Accepted),
            new($"record {record} created, sent again", created, Expected.Duplicate),
            new($"record {record} closed, forged", forged, Expected.Refused),
        ];
    }

    private static byte[] Body(
        string name, int record, TimeProvider time, int? version, params ReadOnlySpan<(string Field, string Value)> changes)
    {
        var updates = new JsonArray();
        foreach (var (field, value) in changes)
        {
            updates.Add(new JsonObject
            {
                ["fieldName"] = field,
                ["currentValue"] = value,
                ["previousValue"] = "",
                ["timestamp"] = time.GetUtcNow().ToUnixTimeMilliseconds(),
            });
        }

        var body = new JsonObject
        {
            ["id"] = Guid.CreateVersion7(time.GetUtcNow()).ToString(),
            ["eventName"] = name,
            ["srId"] = record,
            ["updates"] = updates,
        };
        if (version is not null)
            body["sr_version"] = version;
        return JsonSerializer.SerializeToUtf8Bytes(body);
    }
}
