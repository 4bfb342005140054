using HookGateway.Configuration;
using HookGateway.Store;
using Microsoft.Extensions.Caching.Distributed;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;

namespace HookGateway.Storage.Redis;

/// <summary>Registers the engine for many gateways.</summary>
public static class RedisStoreRegistration
{
    // What an attempt takes beside its time limit: its turn in the lane, and the way of its settlement.
    private static readonly TimeSpan Margin = TimeSpan.FromSeconds(15);

    /// <summary>
    /// Makes a Redis the gateway's <see cref="IEventStore"/>, and what its caches share with other gateways. Whoever starts the gateway opens it with <see cref="IEventStore.OpenAsync"/>.
    /// </summary>
    /// <param name="services">The gateway's services.</param>
    /// <param name="configuration">Which Redis and what it must promise, how long an event may wait, and an attempt take.</param>
    public static IServiceCollection AddRedisEventStore(this IServiceCollection services, GatewayConfiguration configuration)
    {
        var storage = configuration.Storage;
        var options = new RedisStoreOptions
        {
            Connection = storage.Connection,
            Prefix = storage.Prefix,
            Partitions = storage.Partitions,
            Durability = storage.Durability,
            AcceptTimeout = configuration.Limits.RequestTimeout,

            // What a webhook told of a record is looked up in its body.
            KeepBodiesOf = [.. configuration.Sources.Where(source => source.Reconcile is not null).Select(source => source.Name)],
        };
        var longest = configuration.Destinations.Select(destination => destination.Timeout + Margin).DefaultIfEmpty().Max();
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton(longest > options.Lease ? options with { Lease = longest } : options);
        services.TryAddSingleton(provider => SteadyTimeProvider.Of(provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton(provider => new RedisEventStore(
            provider.GetRequiredService<RedisStoreOptions>(), provider.GetRequiredService<SteadyTimeProvider>(),
            provider.GetRequiredService<ILogger<RedisEventStore>>()));
        services.AddSingleton<IEventStore>(provider => provider.GetRequiredService<RedisEventStore>());
        services.AddSingleton<IDistributedCache>(provider => provider.GetRequiredService<RedisEventStore>().OpenCache());
        return services;
    }
}
