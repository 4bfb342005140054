namespace HookGateway.Testing.SysAid;

/// <summary>A request that the fake API got.</summary>
/// <param name="Method">GET, POST, DELETE.</param>
/// <param name="Path">Below the API's base, with its query: <c>/webhooks?limit=20</c>.</param>
/// <param name="Headers">By name, whatever the case.</param>
/// <param name="Body">As text; empty where there is none.</param>
public sealed record ConnectRequest(string Method, string Path, IReadOnlyDictionary<string, string> Headers, string Body)
{
    /// <summary>The header's value; <see langword="null"/> where it is absent.</summary>
    public string? Header(string name) => Headers.GetValueOrDefault(name);
}
