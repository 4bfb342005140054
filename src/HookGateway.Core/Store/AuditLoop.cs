using HookGateway.Observe;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace HookGateway.Store;

/// <summary>
/// Audits the books now and then, so that <c>hookgateway.unaccounted</c> can raise an alarm: a minute after the start, then
/// every ten minutes; where an audit takes long, more rarely, so that it never reads for more than a twentieth of the time.
/// </summary>
internal sealed partial class AuditLoop(IEventStore store, GatewayMetrics metrics, TimeProvider time, ILogger<AuditLoop> logger)
    : BackgroundService
{
    private const int ShareOfTime = 20;
    private static readonly TimeSpan First = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan Every = TimeSpan.FromMinutes(10);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        for (var wait = First; ; wait = await AuditAsync(stoppingToken).ConfigureAwait(false))
            await Task.Delay(wait, time, stoppingToken).ConfigureAwait(false);
    }

    /// <returns>How long until the next one.</returns>
    private async Task<TimeSpan> AuditAsync(CancellationToken cancellationToken)
    {
        var began = time.GetTimestamp();
        try
        {
            var report = await store.AuditAsync(cancellationToken).ConfigureAwait(false);
            metrics.Audited(report.Unaccounted);
            if (!report.Balanced)
                Unbalanced(logger, report.Unaccounted);
        }
        catch (Exception error) when (!cancellationToken.IsCancellationRequested)
        {
            // Whatever it is: a loop that fails would stop the whole gateway.
            Failed(logger, error.Message);
        }

        var rest = time.GetElapsedTime(began) * (ShareOfTime - 1);
        return rest > Every ? rest : Every;
    }

    [LoggerMessage(1, LogLevel.Error, "The books do not balance by {Unaccounted}: 'hookgateway audit' says where")]
    private static partial void Unbalanced(ILogger logger, long unaccounted);

    [LoggerMessage(2, LogLevel.Warning, "The books could not be audited now and are later: {Reason}")]
    private static partial void Failed(ILogger logger, string reason);
}
