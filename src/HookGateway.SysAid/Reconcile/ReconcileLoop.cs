using HookGateway.Admin;
using HookGateway.Configuration;
using HookGateway.Observe;
using HookGateway.Pipeline;
using HookGateway.Store;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace HookGateway.SysAid.Reconcile;

/// <summary>Reconciles each source that asks for it, now and then.</summary>
internal sealed partial class ReconcileLoop : BackgroundService, IReconcileReports
{
    private const double Jitter = 0.1;

    private readonly List<(SourceReconciler Reconciler, TimeSpan Interval)> _sources;
    private readonly GatewayMetrics _metrics;
    private readonly TimeProvider _time;
    private readonly ILogger<ReconcileLoop> _logger;

    public ReconcileLoop(
        GatewayConfiguration configuration, ConnectApis apis, IEventStore store, EventPipeline pipeline, GatewayMetrics metrics,
        TimeProvider time, ILogger<ReconcileLoop> logger)
    {
        (_metrics, _time, _logger) = (metrics, time, logger);
        _sources =
        [
            .. configuration.Sources.Where(source => source.Reconcile is not null).Select(source => (
                new SourceReconciler(
                    source, apis.Open(source.Api!, text => Waiting(logger, source.Name, text)), store, pipeline.TakeAsync, time),
                source.Reconcile!.Interval)),
        ];
        metrics.WatchReconciled(() => _sources.Where(source => source.Reconciler.State?.DoneAt is not null)
            .Select(source => (source.Reconciler.Source, time.GetUtcNow() - source.Reconciler.State!.DoneAt!.Value)));
    }

    /// <inheritdoc/>
    public IReadOnlyList<ReconcileView> All => [.. _sources.Select(source => source.Reconciler.Report())];

    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        Task.WhenAll(_sources.Select(source => LoopAsync(source.Reconciler, source.Interval, stoppingToken)));

    private async Task LoopAsync(SourceReconciler reconciler, TimeSpan interval, CancellationToken cancellationToken)
    {
        while (true)
        {
            await RunAsync(reconciler, cancellationToken).ConfigureAwait(false);
            var wait = interval * (1 - Jitter + (2 * Jitter * Random.Shared.NextDouble()));
            await Task.Delay(wait, _time, cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task RunAsync(SourceReconciler reconciler, CancellationToken cancellationToken)
    {
        try
        {
            if (await reconciler.RunAsync(cancellationToken).ConfigureAwait(false) is not ReconcileResult.Done done)
                return;

            _metrics.ReconcileEnded(reconciler.Source, done: true);
            if (done.Found > 0)
            {
                _metrics.Reconciled(reconciler.Source, done.Found);
                Found(_logger, reconciler.Source, done.Found);
            }

            if (done.Blind is { } blind)
                WasBlind(_logger, reconciler.Source, blind.From, blind.Until, blind.Reason);
        }
        catch (Exception error) when (!cancellationToken.IsCancellationRequested)
        {
            // Whatever it is: a loop that fails would stop the whole gateway.
            _metrics.ReconcileEnded(reconciler.Source, done: false);
            Failed(_logger, reconciler.Source, error.Message);
        }
    }

    [LoggerMessage(1, LogLevel.Warning, "{Source} had {Count} changes of which no webhook came: each is an event now")]
    private static partial void Found(ILogger logger, string source, int count);

    [LoggerMessage(2, LogLevel.Warning, "Changes of {Source} could not be looked for now and are later: {Reason}")]
    private static partial void Failed(ILogger logger, string source, string reason);

    [LoggerMessage(3, LogLevel.Warning, "Changes of {Source} were not looked for from {From:u} to {Until:u}: {Reason}")]
    private static partial void WasBlind(ILogger logger, string source, DateTimeOffset from, DateTimeOffset until, string reason);

    [LoggerMessage(4, LogLevel.Information, "Looking for changes of {Source}: {Text}")]
    private static partial void Waiting(ILogger logger, string source, string text);
}
