using System.Globalization;
using System.Text;
using System.Text.Json;

namespace HookGateway.UnitTests.Host.Detecting;

/// <summary>One request as each of the forms in which it may be captured.</summary>
internal static class Captures
{
    public static readonly IReadOnlyDictionary<string, Func<Uri, IEnumerable<KeyValuePair<string, string>>, string, byte[]>> Forms =
        new Dictionary<string, Func<Uri, IEnumerable<KeyValuePair<string, string>>, string, byte[]>>
        {
            ["raw"] = (url, headers, body) => Raw(url, headers, body, "\r\n", $"Content-Length: {Encoding.UTF8.GetByteCount(body)}"),
            ["raw, line feeds, to its end"] = (url, headers, body) => Raw(url, headers, body, "\n"),
            ["raw, chunked"] = (url, headers, body) => [.. Raw(url, headers, "", "\r\n", "Transfer-Encoding: chunked"), .. Chunks(body)],
            ["har"] = Har,
            ["curl"] = (url, headers, body) => Curl(url, headers, body, Plain, " \\\n  "),
            ["curl, ansi quotes"] = (url, headers, body) => Curl(url, headers, body, Ansi, " "),
        };

    public static byte[] Raw(
        Uri url, IEnumerable<KeyValuePair<string, string>> headers, string body, string lineEnd, params string[] more)
    {
        var lines = headers.Select(header => $"{header.Key}: {header.Value}").Concat(more);
        var head = string.Concat(lines.Prepend($"Host: {url.Authority}").Prepend($"POST {url.PathAndQuery} HTTP/1.1").Select(line => line + lineEnd));
        return Encoding.UTF8.GetBytes(head + lineEnd + body);
    }

    private static byte[] Chunks(string body)
    {
        using var chunks = new MemoryStream();
        foreach (var chunk in Encoding.UTF8.GetBytes(body).Chunk(7))
            chunks.Write([.. Encoding.ASCII.GetBytes(chunk.Length.ToString("X", CultureInfo.InvariantCulture)), .. ";x=y\r\n"u8, .. chunk, .. "\r\n"u8]);
        chunks.Write("0\r\n\r\n"u8);
        return chunks.ToArray();
    }

    private static byte[] Har(Uri url, IEnumerable<KeyValuePair<string, string>> headers, string body) => JsonSerializer.SerializeToUtf8Bytes(new
    {
        log = new
        {
            entries = new object[]
            {
                new { request = new { method = "GET", url = "https://elsewhere.example/", headers = Array.Empty<object>() } },
                new
                {
                    request = new
                    {
                        method = "POST",
                        url = url.OriginalString,
                        headers = headers.Select(header => new { name = header.Key, value = header.Value }),
                        bodySize = Encoding.UTF8.GetByteCount(body),
                        postData = new { mimeType = "application/json", text = body },
                    },
                },
            },
        },
    });

    private static byte[] Curl(
        Uri url, IEnumerable<KeyValuePair<string, string>> headers, string body, Func<string, string> quote, string between) =>
        Encoding.UTF8.GetBytes(string.Join(between,
            ["curl -sk --url", quote(url.OriginalString), .. headers.Select(header => $"-H {quote($"{header.Key}: {header.Value}")}"), "--data-raw", quote(body)]));

    private static string Plain(string text) => $"'{text.Replace("'", "'\\''", StringComparison.Ordinal)}'";

    private static string Ansi(string text) => $"$'{string.Concat(text.Select(c => c is '\'' or '\\' ? $"\\{c}"
        : c == '\n' ? "\\n"
        : c < ' ' ? $"\\x{(int)c:x2}"
        : c > '~' ? $"\\u{(int)c:x4}"
        : c.ToString()))}'";
}
