using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace HookGateway.Testing.Senders;

/// <summary>Bodies as SysAid sends them.</summary>
public static class SysAidEvent
{
    private const long Timestamp = 1751280965889;

    /// <summary>A record was created.</summary>
    /// <param name="record">Its number.</param>
    /// <param name="id">The event's unique id. Default: a new one.</param>
    public static byte[] Created(int record, string? id = null) =>
        Body("sr.created", record, id, null, ("title", "test 123"), ("status", "1"), ("priority", "1"));

    /// <summary>One field was changed: without <c>sr_version</c>.</summary>
    public static byte[] Updated(int record, string field, string value, string? id = null) =>
        Body("sr.updated", record, id, null, (field, value));

    /// <summary>All changes of one session, with <c>sr_version</c>.</summary>
    public static byte[] Full(int record, int version, string? id = null, params (string Field, string Value)[] changes) =>
        Body("sr.updated", record, id, version, changes);

    /// <summary>Changes, each at a time of its own.</summary>
    /// <param name="record">The record's number.</param>
    /// <param name="version">That of the Full webhook that ends a session; <see langword="null"/>: one of several to come.</param>
    /// <param name="changes">Field, value and time, in milliseconds after the sample's.</param>
    public static byte[] Changes(int record, int? version, params (string Field, string Value, long At)[] changes) =>
        Body("sr.updated", record, NewId(), version, changes.Select(change => Change(change.Field, change.Value, Timestamp + change.At)));

    /// <summary>A created record whose body is about so many bytes long.</summary>
    public static byte[] OfSize(int record, int size, string? id = null) =>
        Body("sr.created", record, id, null, ("description", new string('x', size)));

    /// <summary>An id as no other event has.</summary>
    public static string NewId() => Guid.NewGuid().ToString();

    /// <summary>The body as text.</summary>
    public static string Text(byte[] body) => Encoding.UTF8.GetString(body);

    private static byte[] Body(string name, int record, string? id, int? version, params (string Field, string Value)[] changes)
    {
        return Body(name, record, id, version, changes.Select(change => Change(change.Field, change.Value, Timestamp)));
    }

    private static JsonObject Change(string field, string value, long timestamp) => new JsonObject
    {
        ["fieldName"] = field,
        ["currentValue"] = value,
        ["previousValue"] = "",
        ["timestamp"] = timestamp,
    };

    private static byte[] Body(string name, int record, string? id, int? version, IEnumerable<JsonNode> updates)
    {
        var body = new JsonObject
        {
            ["id"] = id ?? NewId(),
            ["eventName"] = name,
            ["srId"] = record,
            ["updates"] = new JsonArray([.. updates]),
        };
        if (version is not null)
            body["sr_version"] = version;
        return JsonSerializer.SerializeToUtf8Bytes(body);
    }
}
