using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using HookGateway.Host.Commands;
using Spectre.Console;

namespace HookGateway.Host.Receiving;

/// <summary>Tells of what arrived: two lines and the body's beginning for people, one object a line for machines.</summary>
internal sealed class ReceivedPrinter(Terminal terminal, bool json)
{
    private const int MostLines = 12;
    private const int MostCharacters = 600;
    private static readonly JsonSerializerOptions Layout = new()
    {
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>Tells of one request.</summary>
    /// <param name="request">Its line and headers.</param>
    /// <param name="body">The beginning of its body.</param>
    /// <param name="size">The whole body's size in bytes.</param>
    /// <param name="status">What it is answered.</param>
    /// <param name="signature">What was found of its signature; <see langword="null"/> where nobody asked.</param>
    public void Print(HttpRequest request, byte[] body, long size, int status, SignatureFinding? signature)
    {
        var received = ReceivedLine.Of(request, TimeProvider.System.GetUtcNow(), body, size, status, signature?.Word);
        if (json)
            terminal.WriteLine(JsonSerializer.Serialize(received, CommandJson.Default.ReceivedLine));
        else
            terminal.WriteLine(Head(received, signature?.Text) + Beginning(body, size), IsGood(received) ? Color.Green : Color.Red);
    }

    private static bool IsGood(ReceivedLine received) =>
        received is { Status: >= 200 and <= 299, Signature: null or SignatureFinding.Ok };

    private static string Head(ReceivedLine received, string? signature)
    {
        var time = received.Time.ToLocalTime().ToString("HH:mm:ss.fff", CultureInfo.InvariantCulture);
        var attempt = received.Attempt is null ? null : $"attempt {received.Attempt}";
        var words = new[] { received.Source, received.Event, received.Id, attempt, $"{received.Size} bytes", $"-> {received.Status}", signature };
        return $"{time} {received.Method} {received.Path}  {string.Join("  ", words.Where(word => !string.IsNullOrEmpty(word)))}";
    }

    private static string Beginning(byte[] body, long size)
    {
        var lines = Readable(body).Split('\n');
        var shown = string.Join("\n    ", lines.Take(MostLines));
        var isCut = lines.Length > MostLines || shown.Length > MostCharacters || size > body.Length;
        shown = shown[..Math.Min(shown.Length, MostCharacters)];
        return size == 0 ? "" : $"\n    {shown}{(isCut ? " ..." : "")}";
    }

    private static string Readable(byte[] body)
    {
        try
        {
            return JsonNode.Parse(body)?.ToJsonString(Layout) ?? "null";
        }
        catch (JsonException)
        {
            return Encoding.UTF8.GetString(body);
        }
    }
}

/// <summary>One line of <c>receive --json</c>.</summary>
/// <param name="Time">When it had arrived whole.</param>
/// <param name="Method">The HTTP method.</param>
/// <param name="Path">Path and query.</param>
/// <param name="Id"><c>webhook-id</c>.</param>
/// <param name="Event"><c>X-HookGateway-Event</c>.</param>
/// <param name="Source"><c>X-HookGateway-Source</c>.</param>
/// <param name="Attempt"><c>X-HookGateway-Attempt</c>.</param>
/// <param name="Size">Bytes of the body.</param>
/// <param name="Status">What it is answered.</param>
/// <param name="Signature"><c>ok</c> or why not, such as <c>wrong_signature</c>; absent without a secret.</param>
/// <param name="Body">As text; its first 64 KiB.</param>
internal sealed record ReceivedLine(
    DateTimeOffset Time, string Method, string Path, string? Id, string? Event, string? Source, string? Attempt,
    long Size, int Status, string? Signature, string Body)
{
    public static ReceivedLine Of(HttpRequest request, DateTimeOffset time, byte[] body, long size, int status, string? signature) => new(
        time, request.Method, $"{request.Path}{request.QueryString}", Header(request, "webhook-id"),
        Header(request, "X-HookGateway-Event"), Header(request, "X-HookGateway-Source"), Header(request, "X-HookGateway-Attempt"),
        size, status, signature, Encoding.UTF8.GetString(body));

    private static string? Header(HttpRequest request, string name) =>
        request.Headers.TryGetValue(name, out var value) ? value.ToString() : null;
}
