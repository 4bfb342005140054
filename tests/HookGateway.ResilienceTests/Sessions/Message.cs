using System.Text.Json;
using HookGateway.Testing.Downstream;
using HookGateway.Testing.Senders;

namespace HookGateway.ResilienceTests.Sessions;

/// <summary>What a downstream got.</summary>
/// <param name="Id">Its webhook-id; the same each time that it is delivered.</param>
/// <param name="At">When it came.</param>
/// <param name="Record">What it is about.</param>
/// <param name="IsFound">Whether it was found in the API and shows the whole record.</param>
/// <param name="IsMerged">Whether it was made of several.</param>
/// <param name="Changes">What it tells.</param>
internal sealed record Message(string Id, DateTimeOffset At, int Record, bool IsFound, bool IsMerged, IReadOnlyList<SysAidChange> Changes)
{
    /// <param name="arrival">As it came.</param>
    /// <param name="timeOf">When a value was set, which the API does not say.</param>
    public static Message Of(Arrival arrival, Func<string, long> timeOf)
    {
        var origin = arrival.Header("X-HookGateway-Origin");
        if (origin != "reconcile")
        {
            return new Message(
                arrival.WebhookId!, arrival.At, SysAidChanges.RecordOf(arrival.Body), false, origin == "coalesce", SysAidChanges.In(arrival.Body));
        }

        using var body = JsonDocument.Parse(arrival.Body);
        var changes = SysAidSessions.Fields
            .Select(field => (Field: field, Value: body.RootElement.TryGetProperty(field, out var value) ? value.GetString() : null))
            .Where(field => field.Value is not null)
            .Select(field => new SysAidChange(field.Field, field.Value!, timeOf(field.Value!)));
        return new Message(arrival.WebhookId!, arrival.At, body.RootElement.GetProperty("id").GetInt32(), true, false, [.. changes]);
    }
}
