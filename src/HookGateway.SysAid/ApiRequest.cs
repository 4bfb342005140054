namespace HookGateway.SysAid;

/// <summary>One request as it goes out, but for the access token.</summary>
/// <param name="Method">The HTTP method.</param>
/// <param name="Url">Whole.</param>
/// <param name="Headers">Those of the content among them.</param>
internal sealed record ApiRequest(HttpMethod Method, Uri Url, IReadOnlyList<KeyValuePair<string, string>> Headers)
{
    /// <summary>The body's bytes; <see langword="null"/> where there is none.</summary>
    public byte[]? Body { get; init; }

    /// <summary>Whether it carries an access token.</summary>
    public bool NeedsToken { get; init; } = true;

    /// <summary>
    /// Whether done twice it does no more than done once, so that it may be sent again although nobody knows whether it was done.
    /// </summary>
    public bool IsRepeatable { get; init; } = Method != HttpMethod.Post;

    /// <summary>What of the body is never shown, whatever SysAid says of it; <see langword="null"/>: nothing.</summary>
    public string? Secret { get; init; }
}
