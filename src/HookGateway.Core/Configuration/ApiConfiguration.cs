namespace HookGateway.Configuration;

/// <summary>
/// <c>api</c> of a source: the sender's own API, which is SysAid's Connect API. It serves the commands <c>sysaid …</c>; without
/// it the source receives all the same.
/// </summary>
public sealed record ApiConfiguration
{
    /// <summary>
    /// The base of all routes, without a slash at its end: <c>https://&lt;subdomain&gt;.sysaidit.com/connect/v1</c>. HTTPS, unless
    /// it is this machine's own.
    /// </summary>
    public required Uri Url { get; init; }

    /// <summary>
    /// The account, as <c>x-sysaid-accountid</c> names it. Its limit of requests is shared by everybody who asks for it.
    /// </summary>
    public required string Account { get; init; }

    /// <summary>The application key's public half.</summary>
    public required string ClientId { get; init; }

    /// <summary>Its other half; a secret.</summary>
    public required string ClientSecret { get; init; }

    /// <summary>Where under <see cref="Url"/> each operation is.</summary>
    public ApiRoutes Routes { get; init; } = new();

    /// <summary>Without the secret.</summary>
    public override string ToString() => $"{Url} as {ClientId}";
}

/// <summary>
/// <c>api.routes</c>: paths that begin with a slash. SysAid publishes those of keys, of tokens and of subscribing; the others are
/// assumptions until it does, which is why they can be overridden.
/// </summary>
public sealed record ApiRoutes
{
    /// <summary>Gives application keys. Default <c>/application-keys</c>.</summary>
    public string ApplicationKeys { get; init; } = "/application-keys";

    /// <summary>Gives access tokens. Default <c>/access-tokens</c>.</summary>
    public string Token { get; init; } = "/access-tokens";

    /// <summary>Subscribes (POST) and lists subscriptions (GET). Default <c>/webhooks</c>.</summary>
    public string Webhooks { get; init; } = "/webhooks";

    /// <summary>One subscription (GET, DELETE); <c>{id}</c> stands for its id. Default <c>/webhooks/{id}</c>.</summary>
    public string Webhook { get; init; } = "/webhooks/{id}";

    /// <summary>
    /// Has a sample event sent (POST); <c>{id}</c> stands for the subscription's id. Default <c>/webhooks/{id}/simulate</c>.
    /// </summary>
    public string Simulate { get; init; } = "/webhooks/{id}/simulate";

    /// <summary>Searches service records (GET). Default <c>/service-records/search</c>.</summary>
    public string Records { get; init; } = "/service-records/search";
}
