using System.Net;
using Microsoft.AspNetCore.Http;

namespace HookGateway.Verify;

/// <summary>A request as the edge read it, whole and within the limits: what Verify looks at and nothing else.</summary>
public sealed class ReceivedRequest
{
    /// <summary>The HTTP method, upper case.</summary>
    public required string Method { get; init; }

    /// <summary>Scheme and authority as the sender used them: <c>https://hooks.example.com</c>.</summary>
    public string Origin { get; init; } = "";

    /// <summary>Path and query as the sender used them.</summary>
    public string PathAndQuery { get; init; } = "";

    /// <summary>The whole URL, for schemes that sign it; built only when one asks.</summary>
    public string Url
    {
        get => field ??= Origin + PathAndQuery;
        init;
    }

    /// <summary>The headers.</summary>
    public required IHeaderDictionary Headers { get; init; }

    /// <summary>The query, parsed.</summary>
    public required IQueryCollection Query { get; init; }

    /// <summary>The body, byte for byte.</summary>
    public required ReadOnlyMemory<byte> Body { get; init; }

    /// <summary>The sender's address, a trusted proxy's word taken for it; IPv4 never in its IPv6 form.</summary>
    public required IPAddress? RemoteAddress { get; init; }

    /// <summary>When it arrived.</summary>
    public required DateTimeOffset ReceivedAt { get; init; }
}
