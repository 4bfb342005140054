using System.Text;
using System.Text.Json;

namespace HookGateway.Host.Detecting;

/// <summary>Reads one request of a HAR (HTTP archive 1.2), as browsers and proxies export it.</summary>
internal static class HarCapture
{
    /// <exception cref="FormatException">It is none, or which request is meant is not clear; the message says so.</exception>
    public static CapturedRequest Read(byte[] json, int? entry)
    {
        try
        {
            using var document = JsonDocument.Parse(json, new JsonDocumentOptions { MaxDepth = 64 });
            return Read(document.RootElement, entry);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // The latter: a string of half a character.
            throw new FormatException($"it begins as a HAR does, and is none: {e.Message}");
        }
    }

    private static CapturedRequest Read(JsonElement root, int? entry)
    {
        if (Property(Property(root, "log"), "entries") is not { ValueKind: JsonValueKind.Array } list)
            throw new FormatException("it is JSON without log.entries: no HAR");
        var requests = list.EnumerateArray().Select(item => Property(item, "request")).ToList();
        var request = requests[Choose(requests, entry)];
        var headers = CapturedRequest.HeadersOf(Items(request, "headers").Select(header => (Text(header, "name"), Text(header, "value"))));
        var body = BodyOf(request);
        return new CapturedRequest
        {
            Method = Text(request, "method").ToUpperInvariant(),
            Urls = CapturedRequest.UrlsOf(Text(request, "url"), headers.Host.Count > 0 ? headers.Host[0] : null),
            Headers = headers,
            Body = body,
            Doubts = DoubtsOf(request, headers, body),
        };
    }

    private static int Choose(List<JsonElement> requests, int? entry)
    {
        if (entry is { } number)
        {
            return number <= requests.Count
                ? number - 1
                : throw new FormatException($"it has {requests.Count} entries: there is no --entry {number}");
        }

        var posts = Enumerable.Range(0, requests.Count).Where(i => Text(requests[i], "method") == "POST").ToList();
        return posts.Count == 1
            ? posts[0]
            : throw new FormatException(posts.Count == 0
                ? "it has no POST: name the request with --entry N"
                : $"it has {posts.Count} POSTs: name one with --entry N, one of {string.Join(", ", posts.Take(20).Select(i => i + 1))}");
    }

    private static byte[] BodyOf(JsonElement request)
    {
        var data = Property(request, "postData");
        var text = Text(data, "text");
        return Text(data, "encoding") == "base64" ? Convert.FromBase64String(text) : Encoding.UTF8.GetBytes(text);
    }

    private static List<string> DoubtsOf(JsonElement request, IHeaderDictionary headers, byte[] body)
    {
        var size = Property(request, "bodySize");
        var length = headers.ContentLength
            ?? (size.ValueKind == JsonValueKind.Number && size.TryGetInt64(out var bytes) && bytes > 0 ? bytes : null);
        return length is { } sent && sent != body.Length
            ? [$"The HAR says that {sent} bytes were sent, but its body has {body.Length}: it was not captured as it was sent."]
            : [];
    }

    private static JsonElement.ArrayEnumerator Items(JsonElement item, string name) =>
        Property(item, name) is { ValueKind: JsonValueKind.Array } list ? list.EnumerateArray() : default;

    private static JsonElement Property(JsonElement item, string name) =>
        item.ValueKind == JsonValueKind.Object && item.TryGetProperty(name, out var value) ? value : default;

    private static string Text(JsonElement item, string name) =>
        Property(item, name) is { ValueKind: JsonValueKind.String } text ? text.GetString()! : "";
}
