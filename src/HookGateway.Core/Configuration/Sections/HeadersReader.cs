using System.Collections.Frozen;
using HookGateway.Configuration.Reading;

namespace HookGateway.Configuration.Sections;

/// <summary>Reads <c>headers</c> of a destination.</summary>
internal static class HeadersReader
{
    // RFC 9110, 7.6.1, and what frames or directs the message: these belong to the connection, not to the configuration.
    private static readonly FrozenSet<string> Forbidden = FrozenSet.Create(
        StringComparer.OrdinalIgnoreCase,
        "Connection", "Content-Length", "Expect", "Host", "HTTP2-Settings", "Keep-Alive", "Proxy-Authenticate",
        "Proxy-Authorization", "Proxy-Connection", "TE", "Trailer", "Transfer-Encoding", "Upgrade");

    private static readonly Kind<string> HeaderValue =
        Kinds.Matching("ASCII text without control characters", text => text.All(c => c is '\t' or (>= ' ' and <= '~'))) with
        {
            MayBeSecret = true,
        };

    /// <summary>Whether a header is the connection's own, and neither set nor passed on.</summary>
    public static bool BelongsToConnection(string name) => Forbidden.Contains(name);

    public static IReadOnlyList<KeyValuePair<string, string>> Read(MappingReader headers)
    {
        var result = new List<KeyValuePair<string, string>>();
        var seen = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        foreach (var name in headers.Keys)
        {
            var value = headers.Value(name, HeaderValue, "");
            if (!Kinds.IsHeaderName(name))
                headers.FaultKey(name, $"{Quote.Of(name)} is not the name of a header");
            else if (BelongsToConnection(name))
                headers.FaultKey(name, $"{name} belongs to the connection and cannot be set");
            else if (!seen.Add(name))
                headers.FaultKey(name, $"{name} stands here twice: the case of a header's name does not matter");
            else if (headers.Has(name))
                result.Add(KeyValuePair.Create(name, value));
        }

        return result;
    }
}
