using System.Text;

namespace HookGateway.Host.Detecting;

/// <summary>
/// Reads a <c>curl</c> command line, as browsers and request bins export it. What says nothing about the request itself is
/// passed over; an option that is not known is refused, for it might.
/// </summary>
internal sealed class CurlCapture
{
    private static readonly HashSet<string> Switches =
    [
        "-s", "-S", "-k", "-L", "-i", "-v", "-g", "-f", "-N", "-#", "-0", "--silent", "--show-error", "--insecure", "--location",
        "--include", "--verbose", "--globoff", "--fail", "--compressed", "--http1.0", "--http1.1", "--http2", "--http3", "--no-buffer",
        "--path-as-is", "--tlsv1.2", "--tlsv1.3", "--ipv4", "--ipv6", "-4", "-6", "--progress-bar",
    ];

    private static readonly HashSet<string> Beside =
    [
        "-o", "-m", "-w", "-x", "-E", "--output", "--max-time", "--write-out", "--proxy", "--cert", "--key", "--cacert",
        "--connect-timeout", "--resolve", "--retry", "--connect-to",
    ];

    private readonly List<(string Name, string Value)> _headers = [];
    private readonly List<byte[]> _data = [];
    private string? _method;
    private string? _url;
    private bool _isJson;

    /// <exception cref="FormatException">It is none, or not understood; the message says what.</exception>
    /// <exception cref="IOException">A file that it names cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">A file that it names may not be read.</exception>
    public static CapturedRequest Read(string line)
    {
        var words = ShellWords.Split(line.StartsWith("$ ", StringComparison.Ordinal) ? line[2..] : line);
        var curl = new CurlCapture();
        for (var at = 1; at < words.Count;)
            at = curl.Take(words, at);
        return curl.ToRequest();
    }

    private int Take(List<string> words, int at)
    {
        var word = words[at++];
        if (word.Length < 2 || word[0] != '-')
        {
            _url ??= word;
            return at;
        }

        if (word.StartsWith("--", StringComparison.Ordinal))
        {
            var equals = word.IndexOf('=');
            return equals < 0 ? Option(word, null, words, at) : Option(word[..equals], word[(equals + 1)..], words, at);
        }

        // Letters of switches can stand together, the last may take the rest for its value: -sXPOST.
        for (var i = 1; i < word.Length; i++)
        {
            var option = $"-{word[i]}";
            if (!Switches.Contains(option))
                return Option(option, i + 1 < word.Length ? word[(i + 1)..] : null, words, at);
        }

        return at;
    }

    private int Option(string option, string? value, List<string> words, int at)
    {
        if (Switches.Contains(option))
            return at;
        if (value is null)
            value = at < words.Count ? words[at++] : throw new FormatException($"curl's {option} has no value");
        switch (option)
        {
            case "-X" or "--request": _method = value.ToUpperInvariant(); break;
            case "-H" or "--header": AddHeader(value); break;
            case "-A" or "--user-agent": _headers.Add(("User-Agent", value)); break;
            case "-e" or "--referer": _headers.Add(("Referer", value)); break;
            case "-b" or "--cookie": _headers.Add(("Cookie", value)); break;
            case "-u" or "--user": AddHeader($"Authorization: Basic {Convert.ToBase64String(Encoding.UTF8.GetBytes(value))}"); break;
            case "-d" or "--data" or "--data-ascii": AddData(value, mayBeFile: true, dropsLineEnds: true); break;
            case "--data-binary": AddData(value, mayBeFile: true, dropsLineEnds: false); break;
            case "--data-raw": AddData(value, mayBeFile: false, dropsLineEnds: false); break;
            case "--json":
                _isJson = true;
                AddData(value, mayBeFile: true, dropsLineEnds: false);
                break;
            case "--url": _url = value; break;
            default:
                if (!Beside.Contains(option))
                    throw new FormatException(
                        $"curl's {option} is not understood: take it out where it does not change the request, else capture raw HTTP");
                break;
        }

        return at;
    }

    private void AddHeader(string header)
    {
        var colon = header.IndexOf(':');
        if (colon > 0 && header.AsSpan(colon + 1).Trim().Length > 0)
            _headers.Add((header[..colon].Trim(), header[(colon + 1)..]));
        else if (colon < 0 && header.EndsWith(';'))
            _headers.Add((header[..^1].Trim(), ""));

        // curl sends no header for a name without a value.
    }

    private void AddData(string value, bool mayBeFile, bool dropsLineEnds)
    {
        if (!mayBeFile || !value.StartsWith('@'))
        {
            _data.Add(Encoding.UTF8.GetBytes(value));
            return;
        }

        if (value == "@-")
            throw new FormatException("curl's body comes from standard input (@-), which is not captured: put it into a file and name that");
        var bytes = CaptureReader.ReadFile(value[1..]);
        _data.Add(dropsLineEnds ? [.. bytes.Where(b => b is not ((byte)'\r' or (byte)'\n' or 0))] : bytes);
    }

    private CapturedRequest ToRequest()
    {
        if (_url is null)
            throw new FormatException("the curl command line names no URL");
        var headers = CapturedRequest.HeadersOf(_headers);
        var body = Joined();
        var url = _url.Contains("://", StringComparison.Ordinal) ? _url : "http://" + _url;
        return new CapturedRequest
        {
            Method = _method ?? (_data.Count > 0 ? "POST" : "GET"),
            Urls = CapturedRequest.UrlsOf(url, null),
            Headers = headers,
            Body = body,
            Doubts = headers.ContentLength is { } length && length != body.Length
                ? [$"Content-Length says {length} bytes, but the body has {body.Length}: it was not captured as it was sent."]
                : [],
        };
    }

    private byte[] Joined()
    {
        // curl puts an ampersand between pieces of data, and nothing between pieces of JSON.
        using var body = new MemoryStream();
        for (var i = 0; i < _data.Count; i++)
        {
            if (i > 0 && !_isJson)
                body.WriteByte((byte)'&');
            body.Write(_data[i]);
            if (body.Length > CaptureReader.MaxBytes)
                throw new FormatException($"its body is larger than {CaptureReader.MaxBytes / (1024 * 1024)} MiB");
        }

        return body.ToArray();
    }
}
