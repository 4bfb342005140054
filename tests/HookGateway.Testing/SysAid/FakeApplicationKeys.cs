using System.Collections.Concurrent;
using System.Text.Json.Nodes;

namespace HookGateway.Testing.SysAid;

/// <summary>The application keys of the fake API, and the access tokens that were issued for them.</summary>
internal sealed class FakeApplicationKeys(TimeProvider time)
{
    private readonly ConcurrentDictionary<string, string> _keys = new();
    private readonly ConcurrentDictionary<string, DateTimeOffset> _tokens = new();
    private int _issued;

    /// <summary>How long a token lives.</summary>
    public TimeSpan Life { get; set; } = TimeSpan.FromDays(1);

    /// <summary>Issues a key.</summary>
    public JsonObject Add()
    {
        var (id, secret) = ($"client-{_keys.Count + 1}", $"secret-{Guid.NewGuid():N}");
        _keys[id] = secret;
        return new JsonObject { ["clientId"] = id, ["clientSecret"] = secret };
    }

    /// <summary>Makes a key known.</summary>
    public void Add(string id, string secret) => _keys[id] = secret;

    /// <summary>Issues <c>token-1</c>, <c>token-2</c> and so on; <see langword="null"/> for whoever has no key.</summary>
    public JsonObject? Issue(JsonNode? key)
    {
        if (!_keys.TryGetValue(key?["clientId"]?.ToString() ?? "", out var secret) || secret != key?["clientSecret"]?.ToString())
            return null;

        var token = $"token-{Interlocked.Increment(ref _issued)}";
        _tokens[token] = time.GetUtcNow() + Life;
        return new JsonObject { ["token"] = token, ["tokenType"] = "Bearer", ["expiresIn"] = (long)Life.TotalSeconds };
    }

    /// <summary>Whether a token is one of them, and has not expired.</summary>
    public bool Accepts(string token) => _tokens.TryGetValue(token, out var until) && time.GetUtcNow() < until;

    /// <summary>Takes all tokens back.</summary>
    public void Revoke() => _tokens.Clear();
}
