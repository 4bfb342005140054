using System.Text.Json;
using System.Text.Json.Serialization;

namespace HookGateway.Storage.Sqlite.Rows;

/// <summary>How an event's headers lie in their column: a JSON array, name and value in turn; nothing where there are none.</summary>
internal static partial class HeadersText
{
    public static string? Write(IReadOnlyList<KeyValuePair<string, string>> headers) => headers.Count == 0
        ? null
        : JsonSerializer.Serialize([.. headers.SelectMany(header => new[] { header.Key, header.Value })], Layout.Default.StringArray);

    public static IReadOnlyList<KeyValuePair<string, string>> Read(string? text) => text is null
        ? []
        : [.. JsonSerializer.Deserialize(text, Layout.Default.StringArray)!.Chunk(2).Select(pair => KeyValuePair.Create(pair[0], pair[1]))];

    [JsonSerializable(typeof(string[]))]
    private sealed partial class Layout : JsonSerializerContext;
}
