using System.Globalization;
using System.Text.Json.Nodes;

namespace HookGateway.Testing.SysAid;

/// <summary>The subscriptions of the fake API. Its ids, and what it answers, are made up: SysAid publishes neither.</summary>
internal sealed class FakeWebhooks
{
    private readonly Lock _gate = new();
    private readonly SortedDictionary<int, JsonObject> _subscriptions = [];
    private int _last;

    public IReadOnlyList<JsonObject> All
    {
        get
        {
            lock (_gate)
                return [.. _subscriptions.Values.Select(Clone)];
        }
    }

    /// <summary>Adds what was posted; <see langword="null"/> where that is no subscription.</summary>
    public JsonObject? Add(JsonNode? posted)
    {
        if (posted is not JsonObject subscription
            || !Uri.TryCreate(subscription["url"]?.ToString(), UriKind.Absolute, out _)
            || subscription["eventNames"] is not JsonArray { Count: > 0 })
        {
            return null;
        }

        lock (_gate)
        {
            var added = Clone(subscription);
            added["id"] = ++_last;
            _subscriptions[_last] = added;
            return Clone(added);
        }
    }

    public JsonObject? Find(string id)
    {
        lock (_gate)
            return int.TryParse(id, CultureInfo.InvariantCulture, out var number) && _subscriptions.TryGetValue(number, out var found) ? Clone(found) : null;
    }

    public bool Remove(string id)
    {
        lock (_gate)
            return int.TryParse(id, CultureInfo.InvariantCulture, out var number) && _subscriptions.Remove(number);
    }

    private static JsonObject Clone(JsonObject node) => (JsonObject)node.DeepClone();
}
