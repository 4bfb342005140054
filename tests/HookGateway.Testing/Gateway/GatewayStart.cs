namespace HookGateway.Testing.Gateway;

/// <summary>How a gateway under test is started.</summary>
public sealed record GatewayStart
{
    /// <summary>Environment variables besides those of the test.</summary>
    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>();

    /// <summary>A command that runs the gateway, with its arguments: <c>strace -f -c</c>, <c>prlimit --fsize=1000000</c>. Default none.</summary>
    public IReadOnlyList<string> Wrapper { get; init; } = [];

    /// <summary>How long it may take to be ready. Default 60 s: several tests start gateways at once on few cores.</summary>
    public TimeSpan Limit { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Whether to wait until it is ready. Default yes; no, to see how a start fails.</summary>
    public bool WaitUntilReady { get; init; } = true;
}
