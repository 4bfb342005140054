using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using HookGateway.Configuration;

namespace HookGateway.Host.Demo;

/// <summary>The demo's configuration: a file as an operator would write it, with ports that are free and a secret of its own.</summary>
internal static class DemoConfiguration
{
    /// <summary>How long after an edit session's last webhook it is one message: much shorter than with people.</summary>
    public static readonly TimeSpan Quiet = TimeSpan.FromSeconds(2);

    /// <summary>Writes the file into <paramref name="directory"/> and reads it.</summary>
    /// <param name="directory">Temporary; the store goes there too.</param>
    /// <param name="receiver">Where the events go.</param>
    /// <exception cref="InvalidOperationException">The file is not valid: a fault of the demo.</exception>
    public static GatewayConfiguration Write(string directory, Uri receiver)
    {
        var (https, admin) = FreePorts();
        var path = Path.Combine(directory, "hookgateway.yaml");
        File.WriteAllText(path, $$"""
            listen:
              https: { address: "127.0.0.1:{{https}}" }
              admin: { address: "127.0.0.1:{{admin}}" }
            log: { level: error }
            storage: { path: "{{directory}}/hookgateway.db" }
            sources:
              sysaid:
                preset: sysaid
                secrets: ["${SYSAID_WEBHOOK_SECRET}"]
                coalesce: { events: [sr.updated], complete: sr_version, quiet: {{Quiet.TotalSeconds}}s, max: 10s }
            destinations:
              tickets:
                url: {{receiver}}tickets
                retry: { attempts: 10, first: 1s, factor: 2, max: 5s }
                breaker: { failures: 1.0, minimum: 100, window: 30s, pause: 1s }
            routes:
              - { name: tickets, source: sysaid, to: [tickets] }

            """);
        var secret = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32));
        return ConfigurationLoader.Load(path, name => name == "SYSAID_WEBHOOK_SECRET" ? secret : null) switch
        {
            ConfigurationResult.Valid valid => valid.Configuration,
            ConfigurationResult.Invalid invalid => throw new InvalidOperationException(string.Join('\n', invalid.Faults)),
            _ => throw new InvalidOperationException("A configuration is valid or it is not."),
        };
    }

    // Both are held until both are known, so that they differ.
    private static (int First, int Second) FreePorts()
    {
        using var first = Listen();
        using var second = Listen();
        return (((IPEndPoint)first.LocalEndpoint).Port, ((IPEndPoint)second.LocalEndpoint).Port);
    }

    // Below those that Linux gives connections as their own ends (from 32768 on): one of them could take it before the gateway listens.
    private static TcpListener Listen()
    {
        while (true)
        {
            var listener = new TcpListener(IPAddress.Loopback, RandomNumberGenerator.GetInt32(20_000, 32_768));
            try
            {
                listener.Start();
                return listener;
            }
            catch (SocketException)
            {
                // Somebody else's.
                listener.Dispose();
            }
        }
    }
}
