using HookGateway.Configuration.Reading;

namespace HookGateway.Configuration.Sections;

/// <summary>Reads <c>auth</c> of a destination: exactly one way.</summary>
internal static class AuthReader
{
    private static readonly Kind<string> Username =
        Kinds.Matching("a user name without colon", text => text.Length > 0 && !text.Any(c => c == ':' || char.IsControl(c))) with
        {
            MayBeSecret = true,
        };

    private static readonly Kind<string> Password =
        Kinds.Matching("text without control characters", text => !text.Any(char.IsControl)) with { MayBeSecret = true };

    private static readonly Kind<string> Key =
        Kinds.Matching("printable ASCII without spaces, not empty", text => text.Length > 0 && text.All(c => c is > ' ' and <= '~')) with
        {
            MayBeSecret = true,
        };

    // Stands in where a fault is recorded already: such a configuration is never used.
    private static readonly AuthConfiguration Unreadable = new AuthConfiguration.Bearer("unreadable");

    public static AuthConfiguration? Read(MappingReader auth)
    {
        string[] ways = ["basic", "bearer", "apiKey", "oauth2"];
        if (ways.Count(auth.Has) != 1)
            auth.FaultHere($"needs exactly one of {string.Join(", ", ways)}");
        return auth.Has("basic") ? auth.Section("basic", ReadBasic, Unreadable)
            : auth.Has("apiKey") ? auth.Section("apiKey", ReadApiKey, Unreadable)
            : auth.Has("oauth2") ? auth.Section("oauth2", OAuth2Reader.Read, Unreadable)
            : new AuthConfiguration.Bearer(auth.Value("bearer", Key, "unreadable"));
    }

    private static AuthConfiguration ReadBasic(MappingReader basic) =>
        new AuthConfiguration.Basic(basic.Required("username", Username, ""), basic.Value("password", Password, ""));

    private static AuthConfiguration ReadApiKey(MappingReader apiKey)
    {
        if (apiKey.Has("header") == apiKey.Has("query"))
            apiKey.FaultHere("needs header or query, one of the two: the name of what carries the key");
        var header = apiKey.Value("header", Kinds.HeaderName);
        if (header is not null && HeadersReader.BelongsToConnection(header))
            apiKey.Fault("header", $"{header} belongs to the connection and cannot be set");
        var query = apiKey.Value("query", Kinds.Text, "");
        return new AuthConfiguration.ApiKey(header ?? query, InQuery: header is null, apiKey.Required("value", Key, ""));
    }
}
