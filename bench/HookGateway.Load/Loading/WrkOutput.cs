using System.Text.Json;

namespace HookGateway.Load.Loading;

/// <summary>Reads what <c>wrk</c> and its script print.</summary>
internal static class WrkOutput
{
    private const string Mark = "{\"load\":";

    /// <summary>The script's line, wherever it stands.</summary>
    /// <param name="output">Standard output.</param>
    /// <param name="error">Standard error, for the exception.</param>
    /// <exception cref="InvalidDataException">There is no such line; the message has the end of what was printed.</exception>
    public static LoadResult Parse(string output, string error)
    {
        var line = output.Split('\n').LastOrDefault(line => line.StartsWith(Mark, StringComparison.Ordinal));
        try
        {
            return JsonSerializer.Deserialize<LoadResult>(line ?? "", JsonSerializerOptions.Web)!;
        }
        catch (JsonException e)
        {
            throw new InvalidDataException($"wrk gave no result; it wrote: {Tail(output)} {Tail(error)}", e);
        }
    }

    private static string Tail(string text) => text.Length > 1000 ? text[^1000..].Trim() : text.Trim();
}
