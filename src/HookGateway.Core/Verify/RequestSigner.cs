using HookGateway.Configuration;

namespace HookGateway.Verify;

/// <summary>Signs requests as a source would: what the command <c>send</c> and tests post.</summary>
internal sealed class RequestSigner
{
    private readonly HmacScheme? _scheme;

    /// <exception cref="FormatException">The scheme makes no sense; the message is for the operator.</exception>
    public RequestSigner(SourceConfiguration source) =>
        _scheme = source.Verify is VerifyConfiguration.Hmac hmac ? HmacScheme.Compile(hmac, source.Secrets) : null;

    /// <summary>The headers that prove a request: none for an unsigned source.</summary>
    /// <param name="method">The HTTP method, upper case.</param>
    /// <param name="url">The whole URL that is posted to.</param>
    /// <param name="body">The body, byte for byte.</param>
    /// <param name="time">When it is signed.</param>
    /// <param name="id">The sender's id of the event, where the scheme signs one; by default a new one.</param>
    public IReadOnlyList<KeyValuePair<string, string>> Sign(
        string method, Uri url, ReadOnlySpan<byte> body, DateTimeOffset time, string? id = null)
    {
        if (_scheme is null) return [];
        var configuration = _scheme.Configuration;
        var timestamp = SignatureTimestamp.Write(time, configuration.TimestampUnit);
        id ??= Guid.CreateVersion7(time).ToString();

        Span<byte> digest = stackalloc byte[_scheme.DigestLength];
        var parts = new SignedParts
        {
            Body = body,
            Timestamp = timestamp,
            Id = id,
            Method = method,
            Url = url.OriginalString,
            Path = url.PathAndQuery,
        };
        _scheme.Keys[0].Sign(_scheme.Content, parts, digest);
        var signature = SignatureEncoding.Encode(configuration.Encoding, digest);

        var value = _scheme.Format.Write(signature, timestamp);
        var headers = new List<KeyValuePair<string, string>> { new(configuration.Header, value) };
        if (configuration.TimestampHeader is { } timestampHeader) headers.Add(new(timestampHeader, timestamp));
        if (configuration.IdHeader is { } idHeader) headers.Add(new(idHeader, id));
        return headers;
    }
}
