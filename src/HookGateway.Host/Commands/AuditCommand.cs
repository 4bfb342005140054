using System.CommandLine;
using HookGateway.Admin;

namespace HookGateway.Host.Commands;

/// <summary><c>audit</c>: whether a running gateway's books balance.</summary>
internal sealed class AuditCommand : Command
{
    private readonly AdminOptions _admin = new();

    public AuditCommand() : base(
        "audit",
        "Holds what was counted, events per source and deliveries per destination, against what is stored. Exits 1 where they differ.") =>
        _admin.Serve(this, async (_, client, screen, cancellationToken) =>
        {
            var report = await client.GetAsync("/api/v1/audit", AdminJson.Default.AuditReport, cancellationToken);
            screen.Show(report);
            return report.Balanced ? ExitCode.Done : ExitCode.Failed;
        });
}
