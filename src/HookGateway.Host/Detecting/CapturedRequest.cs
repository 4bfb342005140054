using System.Text;
using HookGateway.Verify;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.Primitives;

namespace HookGateway.Host.Detecting;

/// <summary>One request that somebody captured, in whatever form; what could be lost on the way is noted.</summary>
internal sealed class CapturedRequest
{
    /// <summary>How many headers are read.</summary>
    public const int MaxHeaders = 200;

    // The likelier one first.
    private static readonly string[] Schemes = ["https://", "http://"];

    // Where the capture does not say: path and query count all the same.
    private const string NoHost = "host.invalid";

    /// <summary>The HTTP method, upper case.</summary>
    public required string Method { get; init; }

    /// <summary>
    /// The URL that the sender used. Several where the capture does not say which: a request line has no scheme. Never empty.
    /// </summary>
    public required IReadOnlyList<Uri> Urls { get; init; }

    /// <summary>The headers, as they were given.</summary>
    public required IHeaderDictionary Headers { get; init; }

    /// <summary>The body.</summary>
    public required byte[] Body { get; init; }

    /// <summary>What makes it doubtful that the capture is whole, each a sentence.</summary>
    public IReadOnlyList<string> Doubts { get; init; } = [];

    /// <summary>The query's parameters.</summary>
    public Dictionary<string, StringValues> Query => field ??= QueryHelpers.ParseQuery(Urls[0].Query);

    /// <summary>As the gateway would take it.</summary>
    /// <param name="url">One of <see cref="Urls"/>.</param>
    public ReceivedRequest ToReceived(Uri url) => new()
    {
        Method = Method,
        Origin = url.GetLeftPart(UriPartial.Authority),
        PathAndQuery = url.PathAndQuery,
        Url = url.OriginalString,
        Headers = Headers,
        Query = new QueryCollection(Query),
        Body = Body,
        RemoteAddress = null,
        ReceivedAt = DateTimeOffset.UnixEpoch,
    };

    /// <summary>The headers of names and values in the order in which they were sent.</summary>
    /// <exception cref="FormatException">They are too many.</exception>
    public static IHeaderDictionary HeadersOf(IEnumerable<(string Name, string Value)> headers)
    {
        var (dictionary, count) = (new HeaderDictionary(), 0);
        foreach (var (name, value) in headers)
        {
            if (++count > MaxHeaders)
                throw new FormatException($"it has more than {MaxHeaders} headers");
            dictionary[name] = StringValues.Concat(dictionary[name], value.Trim(' ', '\t'));
        }

        return dictionary;
    }

    /// <summary>The URLs that a request target can stand for.</summary>
    /// <param name="target">The whole URL, or path and query.</param>
    /// <param name="host">Of the Host header.</param>
    public static IReadOnlyList<Uri> UrlsOf(string target, string? host)
    {
        if (IsWeb(target, out var absolute))
            return [absolute];
        if (!target.StartsWith('/'))
            target = "/" + target;
        var urls = new[] { host ?? NoHost, NoHost }.Select(authority => Schemes
            .Select(scheme => IsWeb(scheme + authority + target, out var url) ? url : null).OfType<Uri>().ToList());
        return urls.FirstOrDefault(found => found.Count > 0) ?? throw new FormatException("its path is none");
    }

    /// <summary>Text from bytes: UTF-8, or Latin-1 where it is none, as header values may be.</summary>
    public static string TextOf(ReadOnlySpan<byte> bytes) =>
        System.Text.Unicode.Utf8.IsValid(bytes) ? Encoding.UTF8.GetString(bytes) : Encoding.Latin1.GetString(bytes);

    private static bool IsWeb(string text, out Uri url) =>
        Uri.TryCreate(text, UriKind.Absolute, out url!) && url.Scheme is "http" or "https" && url.Host.Length > 0;
}
