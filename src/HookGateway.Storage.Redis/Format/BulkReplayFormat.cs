using System.Text.Json;
using System.Text.Json.Serialization;
using HookGateway.Store;

namespace HookGateway.Storage.Redis.Format;

/// <summary>A bulk replay as it is kept when it begins: what was asked for, and between which numbers each partition looks.</summary>
/// <param name="Request">What was asked for.</param>
/// <param name="First">The first number, a partition.</param>
/// <param name="Last">The last one, a partition; one less than the first where there is none.</param>
internal sealed partial record BulkReplayFormat(BulkReplayRequest Request, long[] First, long[] Last)
{
    public string Write() => JsonSerializer.Serialize(this, Layout.Default.BulkReplayFormat);

    public static BulkReplayFormat Read(ReadOnlySpan<char> text) => JsonSerializer.Deserialize(text, Layout.Default.BulkReplayFormat)!;

    /// <summary>One that nothing changes of any more.</summary>
    public static string WriteFinal(BulkReplay replay) => JsonSerializer.Serialize(replay, Layout.Default.BulkReplay);

    /// <summary>One that nothing changes of any more.</summary>
    public static BulkReplay ReadFinal(string text) => JsonSerializer.Deserialize(text, Layout.Default.BulkReplay)!;

    [JsonSourceGenerationOptions(
        UseStringEnumConverter = true, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, IgnoreReadOnlyProperties = true)]
    [JsonSerializable(typeof(BulkReplayFormat))]
    [JsonSerializable(typeof(BulkReplay))]
    private sealed partial class Layout : JsonSerializerContext;
}
