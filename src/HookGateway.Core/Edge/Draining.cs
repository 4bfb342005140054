using HookGateway.Configuration;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Hosting;

namespace HookGateway.Edge;

/// <summary>
/// For as long as <c>listen.drain</c> says, a gateway that was told to end goes on, but is not ready, and every answer is the last
/// one on its connection. Closing the ports at once would cut off requests that are on their way on connections from before.
/// </summary>
internal sealed class Draining(GatewayConfiguration configuration, TimeProvider time, IHostApplicationLifetime lifetime) : IHostedLifecycleService
{
    /// <summary>Ends the request's connection after its answer, where the gateway is to end: HTTP/1.1 and HTTP/2.</summary>
    public Task HandleAsync(HttpContext context, RequestDelegate next)
    {
        if (lifetime.ApplicationStopping.IsCancellationRequested)
            context.Features.Get<IConnectionLifetimeNotificationFeature>()?.RequestClose();
        return next(context);
    }

    // Before any hosted service stops, Kestrel among them.
    public async Task StoppingAsync(CancellationToken cancellationToken) =>
        await Task.Delay(configuration.Listen.Drain, time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
