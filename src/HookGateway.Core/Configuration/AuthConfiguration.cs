namespace HookGateway.Configuration;

/// <summary><c>auth</c>: how the gateway identifies itself to a destination. Closed: one of the nested kinds.</summary>
public abstract record AuthConfiguration
{
    private AuthConfiguration()
    {
    }

    /// <summary>The kind alone: the rest is secret.</summary>
    public sealed override string ToString() => GetType().Name;

    /// <summary><c>auth.basic</c>: RFC 7617, in UTF-8.</summary>
    /// <param name="Username">Without a colon.</param>
    /// <param name="Password">May be empty.</param>
    public sealed record Basic(string Username, string Password) : AuthConfiguration;

    /// <summary><c>auth.bearer</c>: RFC 6750.</summary>
    public sealed record Bearer(string Token) : AuthConfiguration;

    /// <summary><c>auth.apiKey</c>: a header, or a parameter of the URL's query.</summary>
    /// <param name="Name">Of the header or parameter.</param>
    /// <param name="InQuery">Whether it is a parameter.</param>
    /// <param name="Value">The key, as it is; in a query it is escaped.</param>
    public sealed record ApiKey(string Name, bool InQuery, string Value) : AuthConfiguration;

    /// <summary><c>auth.oauth2</c>: RFC 6749, client credentials (section 4.4); a bearer token that is fetched and kept.</summary>
    public sealed record OAuth2 : AuthConfiguration
    {
        /// <summary>Where tokens are asked for. It may hold a secret: show nothing of it.</summary>
        public required Uri TokenUrl { get; init; }

        /// <summary>Who the gateway is there.</summary>
        public required string ClientId { get; init; }

        /// <summary>What proves it.</summary>
        public required string ClientSecret { get; init; }

        /// <summary>
        /// <c>clientAuth</c>: whether both stand in the request's body (<c>body</c>) and not in its <c>Authorization</c>
        /// (<c>basic</c>). Default no.
        /// </summary>
        public bool SecretInBody { get; init; }

        /// <summary>What else is asked with: <c>scope</c>, <c>audience</c> and <c>parameters</c>. Default nothing.</summary>
        public IReadOnlyList<KeyValuePair<string, string>> Parameters { get; init; } = [];
    }
}
