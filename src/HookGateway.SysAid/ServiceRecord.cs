using System.Text.Json;
using HookGateway.Configuration;
using HookGateway.Verify;

namespace HookGateway.SysAid;

/// <summary>A service record as the search lists it.</summary>
/// <param name="Id">Its number, as it is written.</param>
/// <param name="UpdateTime">When it was last changed; <see langword="null"/> where it does not say.</param>
/// <param name="InsertTime">When it was created; <see langword="null"/> where it does not say.</param>
/// <param name="Json">All of it.</param>
internal sealed record ServiceRecord(string Id, DateTimeOffset? UpdateTime, DateTimeOffset? InsertTime, JsonElement Json)
{
    /// <summary>The id as it stands in an event's key.</summary>
    public string Key => EventText.Bounded(Id)!;

    /// <summary>Reads one.</summary>
    /// <param name="json">What was listed.</param>
    /// <param name="reconcile">What its fields are called.</param>
    /// <exception cref="SysAidException">It has no number.</exception>
    public static ServiceRecord Of(JsonElement json, ReconcileConfiguration reconcile)
    {
        if (json.ValueKind != JsonValueKind.Object || !json.TryGetProperty(reconcile.Id, out var id) || JsonText.Of(id) is not { Length: > 0 } text)
            throw new SysAidException($"SysAid listed a service record without {reconcile.Id}: name the field of its number as reconcile.id.");

        return new ServiceRecord(text, Time(json, reconcile.UpdateTime), Time(json, "insertTime"), json);
    }

    /// <summary>Without its content.</summary>
    public override string ToString() => Id;

    private static DateTimeOffset? Time(JsonElement json, string name) =>
        json.TryGetProperty(name, out var value) ? ApiTime.Read(value) : null;
}
