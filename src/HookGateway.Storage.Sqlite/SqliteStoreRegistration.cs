using HookGateway.Configuration;
using HookGateway.Store;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;

namespace HookGateway.Storage.Sqlite;

/// <summary>Registers the embedded engine.</summary>
public static class SqliteStoreRegistration
{
    /// <summary>
    /// Makes a SQLite file the gateway's <see cref="IEventStore"/>. Whoever starts the gateway opens it with
    /// <see cref="IEventStore.OpenAsync"/>.
    /// </summary>
    /// <param name="services">The gateway's services.</param>
    /// <param name="storage">Which file: <c>storage.path</c>.</param>
    /// <param name="limits">For how long an event may wait: <c>limits.requestTimeout</c>.</param>
    public static IServiceCollection AddSqliteEventStore(
        this IServiceCollection services, StorageConfiguration storage, LimitsConfiguration limits)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton(new SqliteStoreOptions { Path = storage.Path, AcceptTimeout = limits.RequestTimeout });
        services.TryAddSingleton(provider => SteadyTimeProvider.Of(provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton<IEventStore>(provider => new SqliteEventStore(
            provider.GetRequiredService<SqliteStoreOptions>(), provider.GetRequiredService<SteadyTimeProvider>(),
            provider.GetRequiredService<ILogger<SqliteEventStore>>()));
        return services;
    }
}
