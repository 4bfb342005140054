using System.Text.Json;
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
    /// <exception cref="SysAidException">It has no <c>id</c>.</exception>
    public static ServiceRecord Of(JsonElement json)
    {
        if (json.ValueKind != JsonValueKind.Object || !json.TryGetProperty("id", out var id) || JsonText.Of(id) is not { Length: > 0 } text)
            throw new SysAidException("SysAid listed a service record without an id.");

        return new ServiceRecord(text, Time(json, "updateTime"), Time(json, "insertTime"), json);
    }

    /// <summary>Without its content.</summary>
    public override string ToString() => Id;

    private static DateTimeOffset? Time(JsonElement json, string name) =>
        json.TryGetProperty(name, out var value) ? ApiTime.Read(value) : null;
}
