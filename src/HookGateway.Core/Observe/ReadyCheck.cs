using HookGateway.Store;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;

namespace HookGateway.Observe;

/// <summary>Ready: started, not draining, and the store can write. Never a destination's trouble.</summary>
internal sealed class ReadyCheck(IEventStore store, IHostApplicationLifetime lifetime) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var result = lifetime.ApplicationStopping.IsCancellationRequested ? HealthCheckResult.Unhealthy("draining")
            : !lifetime.ApplicationStarted.IsCancellationRequested ? HealthCheckResult.Unhealthy("starting")
            : !store.IsWritable ? HealthCheckResult.Unhealthy("the store cannot write")
            : HealthCheckResult.Healthy();
        return Task.FromResult(result);
    }
}
