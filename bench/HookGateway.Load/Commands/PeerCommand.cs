using System.CommandLine;
using System.Security.Cryptography.X509Certificates;
using HookGateway.Load.Peers;
using Microsoft.Extensions.Hosting;

namespace HookGateway.Load.Commands;

/// <summary><c>peer</c>: one of the servers that the gateway stands beside, until it is ended. A run starts them itself.</summary>
internal sealed class PeerCommand : Command
{
    private readonly Argument<string> _kind = new("KIND") { Description = "kestrel, synced or yarp." };
    private readonly Option<int> _port = new("--port") { Description = "The loopback port to listen on.", Required = true };
    private readonly Option<string> _downstream = new("--downstream") { Description = "Where YARP passes requests on to.", Required = true };
    private readonly Option<string> _directory = new("--directory") { Description = "Where synced keeps its file.", Required = true };
    private readonly Option<int> _destinations = new("--destinations") { Description = "How many destinations YARP takes in turn.", DefaultValueFactory = _ => 1 };
    private readonly Option<string?> _certificate = new("--certificate") { Description = "A PEM file: listens with TLS." };
    private readonly Option<string?> _key = new("--key") { Description = "The certificate's key." };

    public PeerCommand() : base("peer", "Runs one of the servers that the gateway stands beside.")
    {
        Hidden = true;
        _kind.AcceptOnlyFromAmong("kestrel", "synced", "yarp");
        Add(_kind);
        foreach (var option in new Option[] { _port, _downstream, _directory, _destinations, _certificate, _key })
            Add(option);
        SetAction(RunAsync);
    }

    private async Task<int> RunAsync(ParseResult line, CancellationToken cancellationToken)
    {
        using var certificate = line.GetValue(_certificate) is { } path ? X509Certificate2.CreateFromPemFile(path, line.GetValue(_key)) : null;
        var port = line.GetValue(_port);
        await using var server = line.GetValue(_kind) switch
        {
            "yarp" => PlainServers.Yarp(port, certificate, new Uri(line.GetRequiredValue(_downstream)), line.GetValue(_destinations)),
            "synced" => PlainServers.Synced(port, certificate, line.GetRequiredValue(_directory)),
            _ => PlainServers.Kestrel(port, certificate),
        };
        await server.StartAsync(cancellationToken);
        await server.WaitForShutdownAsync(cancellationToken);
        return 0;
    }
}
