using HookGateway.Configuration;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace HookGateway.Store;

/// <summary>Deletes what has been kept long enough, now and then.</summary>
internal sealed partial class RetentionLoop(
    GatewayConfiguration configuration, IEventStore store, TimeProvider time, ILogger<RetentionLoop> logger) : BackgroundService
{
    private static readonly TimeSpan Every = TimeSpan.FromMinutes(10);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Every, time);
        while (await timer.WaitForNextTickAsync(stoppingToken).ConfigureAwait(false))
        {
            try
            {
                var deleted = await store.RetainAsync(configuration.Storage.Retention, stoppingToken).ConfigureAwait(false);
                if (deleted > 0)
                    Deleted(logger, deleted);
            }
            catch (Exception error) when (!stoppingToken.IsCancellationRequested)
            {
                // Whatever it is: a loop that fails would stop the whole gateway.
                Failed(logger, error.Message);
            }
        }
    }

    [LoggerMessage(1, LogLevel.Information, "Retention deleted {Count} events")]
    private static partial void Deleted(ILogger logger, long count);

    [LoggerMessage(2, LogLevel.Warning, "Retention could not delete now and tries again later: {Reason}")]
    private static partial void Failed(ILogger logger, string reason);
}
