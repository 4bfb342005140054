using HookGateway.Configuration;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace HookGateway.Store;

/// <summary>Deletes what has been kept long enough, now and then. Of several gateways on one store one does it at a time.</summary>
internal sealed partial class RetentionLoop(
    GatewayConfiguration configuration, IEventStore store, TimeProvider time, ILogger<RetentionLoop> logger) : BackgroundService
{
    private const string Lead = "retention";
    private static readonly TimeSpan EveryEvent = TimeSpan.FromMinutes(10);

    // Bodies are dropped where memory is short.
    private static readonly TimeSpan EveryBody = TimeSpan.FromMinutes(1);

    private readonly string _holder = Guid.NewGuid().ToString("N");

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var limits = configuration.Storage.Retention;
        var every = limits.Bodies is null ? EveryEvent : EveryBody;
        using var timer = new PeriodicTimer(every, time);
        while (await timer.WaitForNextTickAsync(stoppingToken).ConfigureAwait(false))
        {
            try
            {
                if (!await store.TryLeadAsync(Lead, _holder, 2 * every, stoppingToken).ConfigureAwait(false))
                    continue;

                var deleted = await store.RetainAsync(limits, stoppingToken).ConfigureAwait(false);
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
