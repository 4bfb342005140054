using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using HookGateway.Configuration;

namespace HookGateway.SysAid;

/// <summary>What can be asked of one account's Connect API. Nothing is sent here.</summary>
internal sealed class ApiRequests(ApiConfiguration api)
{
    /// <summary>The most that one page of a list may have, as SysAid documents it.</summary>
    public const int LargestPage = 500;

    private const string IdPlace = "{id}";
    private const int LongestId = 256;

    private static readonly JsonSerializerOptions AsItIs = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Makes an application key for a user, whose rights it has.</summary>
    /// <param name="user">The user's name and password.</param>
    /// <param name="name">What SysAid shows for the key.</param>
    /// <param name="description">For people, in SysAid.</param>
    /// <param name="tokenLifetime">How long its access tokens live, as SysAid reads it; <see langword="null"/>: it is not said.</param>
    public ApiRequest ApplicationKey((string Name, string Password) user, string name, string description, int? tokenLifetime)
    {
        var body = new JsonObject
        {
            ["userName"] = user.Name,
            ["password"] = user.Password,
            ["applicationName"] = name,
            ["description"] = description,
        };
        if (tokenLifetime is { } lifetime)
            body["tokenLifetime"] = lifetime;

        return Post(api.Routes.ApplicationKeys, body) with { NeedsToken = false, Secret = user.Password };
    }

    /// <summary>Asks for an access token with the application key.</summary>
    public ApiRequest Token() => Post(
        api.Routes.Token, new JsonObject { ["clientId"] = api.ClientId, ["clientSecret"] = api.ClientSecret }) with
    {
        NeedsToken = false,
        IsRepeatable = true,
    };

    /// <summary>Has events sent to a URL.</summary>
    /// <param name="url">Where to.</param>
    /// <param name="description">For people, in SysAid.</param>
    /// <param name="events">Their names.</param>
    public ApiRequest Subscribe(Uri url, string description, IEnumerable<string> events) => Post(
        api.Routes.Webhooks,
        new JsonObject
        {
            ["url"] = url.AbsoluteUri,
            ["description"] = description,
            ["eventNames"] = new JsonArray([.. events.Select(name => JsonValue.Create(name))]),
        });

    /// <summary>Lists subscriptions.</summary>
    /// <param name="limit">At most so many, from 1 to <see cref="LargestPage"/>.</param>
    /// <param name="offset">After so many.</param>
    public ApiRequest List(int limit, int offset) => Bodiless(HttpMethod.Get, $"{api.Routes.Webhooks}?{Page(limit, offset)}");

    /// <summary>One subscription.</summary>
    /// <exception cref="ArgumentException">No subscription can have such an id.</exception>
    public ApiRequest Get(string id) => Bodiless(HttpMethod.Get, RouteOf(api.Routes.Webhook, id));

    /// <summary>Ends a subscription.</summary>
    /// <inheritdoc cref="Get" path="/exception"/>
    public ApiRequest Unsubscribe(string id) => Bodiless(HttpMethod.Delete, RouteOf(api.Routes.Webhook, id));

    /// <summary>Has a sample event sent to a subscription.</summary>
    /// <param name="id">The subscription's.</param>
    /// <param name="body">JSON: what SysAid wants to know; <see langword="null"/> for nothing.</param>
    /// <inheritdoc cref="Get" path="/exception"/>
    public ApiRequest Simulate(string id, byte[]? body) => body is null
        ? Bodiless(HttpMethod.Post, RouteOf(api.Routes.Simulate, id))
        : WithBody(RouteOf(api.Routes.Simulate, id), body);

    /// <summary>Lists service records.</summary>
    /// <param name="limit">At most so many, from 1 to <see cref="LargestPage"/>.</param>
    /// <param name="offset">After so many.</param>
    /// <param name="fields">Which of their fields; none for what SysAid gives unasked.</param>
    public ApiRequest SearchRecords(int limit, int offset, params IReadOnlyCollection<string> fields)
    {
        var names = fields.Count == 0 ? "" : $"&fields={string.Join(',', fields.Select(Uri.EscapeDataString))}";
        return Bodiless(HttpMethod.Get, $"{api.Routes.Records}?{Page(limit, offset)}{names}");
    }

    private static string Page(int limit, int offset)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(limit, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(limit, LargestPage);
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        return FormattableString.Invariant($"limit={limit}&offset={offset}");
    }

    // Dots would make another path of it.
    private static string RouteOf(string route, string id) => id is "" or "." or ".." || id.Length > LongestId || id.Any(char.IsControl)
        ? throw new ArgumentException($"'{id}' cannot be the id of a subscription.")
        : route.Replace(IdPlace, Uri.EscapeDataString(id), StringComparison.Ordinal);

    private ApiRequest Post(string route, JsonObject body) => WithBody(route, JsonSerializer.SerializeToUtf8Bytes(body, AsItIs));

    private ApiRequest WithBody(string route, byte[] body) =>
        new(HttpMethod.Post, UrlOf(route), [.. Headers, new("Content-Type", "application/json")]) { Body = body };

    private ApiRequest Bodiless(HttpMethod method, string route) => new(method, UrlOf(route), Headers);

    private Uri UrlOf(string route) => new(api.Url.AbsoluteUri.TrimEnd('/') + route);

    private List<KeyValuePair<string, string>> Headers =>
        [new("x-sysaid-accountid", api.Account), new("Accept", "application/json")];
}
