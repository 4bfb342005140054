namespace HookGateway.Testing.Gateway;

/// <summary>The loopback ports of a gateway under test.</summary>
/// <param name="Https">For senders.</param>
/// <param name="Http">For senders, without TLS.</param>
/// <param name="Admin">For operators.</param>
public sealed record GatewayPorts(int Https, int Http, int Admin)
{
    /// <summary>The configuration's <c>listen</c> section, all three listeners, with a line end.</summary>
    public string Listen => $$"""
        listen:
          https: { address: "127.0.0.1:{{Https}}" }
          http: { address: "127.0.0.1:{{Http}}" }
          admin: { address: "127.0.0.1:{{Admin}}" }

        """;

    internal static GatewayPorts Free()
    {
        var ports = FreePorts.Take(3);
        return new GatewayPorts(ports[0], ports[1], ports[2]);
    }
}
