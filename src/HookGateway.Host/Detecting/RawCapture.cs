using System.Globalization;
using System.Text;

namespace HookGateway.Host.Detecting;

/// <summary>
/// Reads a request as it goes over the wire, and as people keep it: line ends of one or two characters, with or without a
/// request line. The body ends where Content-Length or its chunks say, else with the file.
/// </summary>
internal static class RawCapture
{
    /// <exception cref="FormatException">It is no request; the message says what is wrong.</exception>
    public static CapturedRequest Read(ReadOnlySpan<byte> bytes)
    {
        var rest = bytes;
        var (method, target) = ("POST", "/");
        var first = CapturedRequest.TextOf(NextLine(bytes, out var afterFirst));
        if (ReadRequestLine(first, ref method, ref target))
            rest = afterFirst;
        else if (!first.Contains(':', StringComparison.Ordinal))
            throw new FormatException("expected raw HTTP (a request line, headers, an empty line, the body), a HAR, or a curl command line");

        var headers = CapturedRequest.HeadersOf(ReadHeaders(ref rest));
        var doubts = new List<string>();
        return new CapturedRequest
        {
            Method = method,
            Urls = CapturedRequest.UrlsOf(target, headers.Host.Count > 0 ? headers.Host[0] : null),
            Headers = headers,
            Body = ReadBody(rest, headers, doubts),
            Doubts = doubts,
        };
    }

    private static bool ReadRequestLine(string line, ref string method, ref string target)
    {
        var words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        if (words.Length is < 2 or > 3 || !words[0].All(char.IsAsciiLetter))
            return false;
        if (words.Length == 3 && !words[2].StartsWith("HTTP/", StringComparison.Ordinal))
            return false;
        (method, target) = (words[0].ToUpperInvariant(), words[1]);
        return true;
    }

    private static List<(string Name, string Value)> ReadHeaders(ref ReadOnlySpan<byte> rest)
    {
        var headers = new List<(string Name, string Value)>();
        while (!rest.IsEmpty)
        {
            var line = CapturedRequest.TextOf(NextLine(rest, out rest));
            if (line.Length == 0)
                break;
            if (line[0] is ' ' or '\t' && headers.Count > 0)
            {
                headers[^1] = (headers[^1].Name, $"{headers[^1].Value} {line.Trim()}");
                continue;
            }

            // HTTP/2 tools list :method and the like first: the name is after the leading colon.
            var colon = line.IndexOf(':', Math.Min(1, line.Length - 1));
            if (colon <= 0 || line[..colon].Any(char.IsWhiteSpace))
                throw new FormatException($"what follows {headers.Count} headers is none: after the headers comes an empty line, then the body");
            headers.Add((line[..colon], line[(colon + 1)..]));
            if (headers.Count > CapturedRequest.MaxHeaders)
                throw new FormatException($"it has more than {CapturedRequest.MaxHeaders} headers");
        }

        return headers;
    }

    private static byte[] ReadBody(ReadOnlySpan<byte> rest, IHeaderDictionary headers, List<string> doubts)
    {
        if (headers.TransferEncoding.ToString().Contains("chunked", StringComparison.OrdinalIgnoreCase))
        {
            if (TryReadChunks(rest, out var body))
                return body;
            doubts.Add("Transfer-Encoding says chunked, but the body is not in chunks: it was taken as it stands.");
            return rest.ToArray();
        }

        if (headers.ContentLength is not { } length || length == rest.Length)
            return rest.ToArray();
        if (length < rest.Length)
        {
            if (!rest[(int)length..].Trim("\r\n"u8).IsEmpty)
                doubts.Add($"Content-Length says {length} bytes, and {rest.Length} follow the headers: only the first {length} were taken.");
            return rest[..(int)length].ToArray();
        }

        doubts.Add($"Content-Length says {length} bytes, but the body has {rest.Length}: it was not captured as it was sent.");
        return rest.ToArray();
    }

    private static bool TryReadChunks(ReadOnlySpan<byte> rest, out byte[] body)
    {
        body = [];
        using var whole = new MemoryStream();
        while (!rest.IsEmpty)
        {
            var line = Encoding.Latin1.GetString(NextLine(rest, out rest));
            var digits = line.Split(';')[0].Trim();
            if (!int.TryParse(digits, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var length))
                return false;
            if (length < 0 || length > rest.Length)
                return false;
            if (length == 0)
            {
                body = whole.ToArray();
                return true;
            }

            whole.Write(rest[..length]);
            rest = rest[length..];
            if (!NextLine(rest, out rest).IsEmpty)
                return false;
        }

        return false;
    }

    private static ReadOnlySpan<byte> NextLine(ReadOnlySpan<byte> bytes, out ReadOnlySpan<byte> rest)
    {
        var end = bytes.IndexOf((byte)'\n');
        rest = end < 0 ? [] : bytes[(end + 1)..];
        var line = end < 0 ? bytes : bytes[..end];
        return line.EndsWith("\r"u8) ? line[..^1] : line;
    }
}
