using HookGateway.Store;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;

namespace HookGateway.Observe;

/// <summary>Ready: started, not draining, and the store can write and takes events. Never a destination's trouble.</summary>
internal sealed class ReadyCheck(IEventStore store, IHostApplicationLifetime lifetime) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var condition = store.Condition;
        var result = lifetime.ApplicationStopping.IsCancellationRequested ? HealthCheckResult.Unhealthy("draining")
            : !lifetime.ApplicationStarted.IsCancellationRequested ? HealthCheckResult.Unhealthy("starting")
            : !store.IsWritable ? HealthCheckResult.Unhealthy("the store cannot write")
            : condition.Refusal is { } refusal ? HealthCheckResult.Unhealthy($"no event is accepted: {refusal}")
            : HealthCheckResult.Healthy(condition.Warnings.Count > 0 ? string.Join(' ', condition.Warnings) : null);
        return Task.FromResult(result);
    }
}
