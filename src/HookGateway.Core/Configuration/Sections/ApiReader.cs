using HookGateway.Configuration.Reading;

namespace HookGateway.Configuration.Sections;

/// <summary>Reads <c>api</c> of a source.</summary>
internal static class ApiReader
{
    private const string Id = "{id}";

    private static readonly Uri Placeholder = new("http://localhost");

    // It stands in a header.
    private static readonly Kind<string> Account =
        Kinds.Matching("an account's id: ASCII letters, digits and signs, without spaces", text =>
            text.Length is > 0 and <= 256 && text.All(c => c is > ' ' and <= '~')) with
        {
            MayBeSecret = true,
        };

    private static readonly Kind<string> Plain = Kinds.Matching(
        "a path such as /webhooks: plain URL characters, no empty or dotted segments, no {id}", text => IsRoute(text, ids: 0));

    private static readonly Kind<string> WithId = Kinds.Matching(
        "a path with {id} in it once, such as /webhooks/{id}: plain URL characters, no empty or dotted segments",
        text => IsRoute(text, ids: 1));

    public static ApiConfiguration? Read(MappingReader api) => new()
    {
        Url = ReadUrl(api),
        Account = api.Required("account", Account, ""),
        ClientId = api.Required("clientId", Kinds.Line, ""),
        ClientSecret = api.Required("clientSecret", Kinds.Line, ""),
        Routes = api.Section("routes", ReadRoutes, new ApiRoutes()),
    };

    private static Uri ReadUrl(MappingReader api)
    {
        var url = api.Required("url", Kinds.Url, Placeholder);
        if (url.Scheme != Uri.UriSchemeHttps && !url.IsLoopback)
            api.Fault("url", "https only: whoever is on the way would read the secret and the tokens");
        if (url.Query.Length > 0)
            api.Fault("url", "no query here: it is what the routes are put after");
        return new Uri(url.GetLeftPart(UriPartial.Path).TrimEnd('/'));
    }

    private static ApiRoutes ReadRoutes(MappingReader routes)
    {
        var defaults = new ApiRoutes();
        return new ApiRoutes
        {
            ApplicationKeys = routes.Value("applicationKeys", Plain, defaults.ApplicationKeys),
            Token = routes.Value("token", Plain, defaults.Token),
            Webhooks = routes.Value("webhooks", Plain, defaults.Webhooks),
            Webhook = routes.Value("webhook", WithId, defaults.Webhook),
            Simulate = routes.Value("simulate", WithId, defaults.Simulate),
            Records = routes.Value("records", Plain, defaults.Records),
        };
    }

    private static bool IsRoute(string text, int ids) =>
        text.AsSpan().Count(Id) == ids && Kinds.IsPath(text.Replace(Id, "id", StringComparison.Ordinal));
}
