using System.Collections.Frozen;
using HookGateway.Configuration.Reading;

namespace HookGateway.Configuration.Sections;

/// <summary>Reads <c>auth.oauth2</c> of a destination.</summary>
internal static class OAuth2Reader
{
    private static readonly Uri Placeholder = new("http://localhost");

    private static readonly Kind<bool> ClientAuth = Kinds.OneOf(("basic", false), ("body", true));

    // What has a key of its own, or is what this kind of grant consists in.
    private static readonly FrozenSet<string> Own =
        FrozenSet.Create("grant_type", "client_id", "client_secret", "scope", "audience");

    public static AuthConfiguration Read(MappingReader oauth2)
    {
        var url = oauth2.Required("tokenUrl", Kinds.Url, Placeholder);
        if (url.Scheme == Uri.UriSchemeHttp && !url.IsLoopback)
            oauth2.Warn("tokenUrl", "http: whoever is on the way reads the secret and the tokens");
        return new AuthConfiguration.OAuth2
        {
            TokenUrl = url,
            ClientId = oauth2.Required("clientId", Kinds.Line, ""),
            ClientSecret = oauth2.Required("clientSecret", Kinds.Line, ""),
            SecretInBody = oauth2.Value("clientAuth", ClientAuth),
            Parameters =
            [
                .. Named(oauth2, "scope"),
                .. Named(oauth2, "audience"),
                .. oauth2.Section<IReadOnlyList<KeyValuePair<string, string>>>("parameters", ReadParameters, []),
            ],
        };
    }

    private static IEnumerable<KeyValuePair<string, string>> Named(MappingReader oauth2, string key) =>
        oauth2.Value(key, Kinds.Line) is { } value ? [KeyValuePair.Create(key, value)] : [];

    private static IReadOnlyList<KeyValuePair<string, string>> ReadParameters(MappingReader parameters)
    {
        foreach (var name in parameters.Keys.Where(Own.Contains))
            parameters.FaultKey(name, $"{name} is what oauth2 writes itself");
        return [.. parameters.Keys.SelectMany(name => Named(parameters, name))];
    }
}
