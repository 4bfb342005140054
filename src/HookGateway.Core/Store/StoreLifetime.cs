using Microsoft.Extensions.Hosting;

namespace HookGateway.Store;

/// <summary>Opens the store before anything else starts, and closes it, everything written, after everything else has stopped.</summary>
internal sealed class StoreLifetime(IEventStore store) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken) => store.OpenAsync(cancellationToken);

    public Task StopAsync(CancellationToken cancellationToken) => store.DisposeAsync().AsTask();
}
