using HookGateway.Configuration;
using HookGateway.Storage.Redis;
using HookGateway.Store;

namespace HookGateway.Host;

/// <summary>
/// Waits for a store that other machines keep. Meanwhile something answers in the gateway's place, at its addresses: it lives, is not
/// ready, and senders are to come again.
/// </summary>
internal static partial class AbsentStore
{
    // So long a start is slow, and nobody need know.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan BetweenLooks = TimeSpan.FromSeconds(1);

    /// <summary>Completes once the store can be opened; at once where it is a file.</summary>
    /// <exception cref="StoreException">Waiting does not help: the message says what to do.</exception>
    public static async Task WhenThereAsync(GatewayConfiguration configuration, CancellationToken cancellationToken)
    {
        if (configuration.Storage.Engine != "redis")
            return;

        var looking = FindReasonAsync(configuration, cancellationToken);
        await Task.WhenAny(looking, Task.Delay(Patience, TimeProvider.System, cancellationToken));
        if (looking.IsCompleted && await looking is null)
            return;

        var reason = "Redis has not answered yet.";
        await using var meanwhile = GatewayApplication.BuildWithoutStore(configuration, () => Volatile.Read(ref reason));
        await meanwhile.StartAsync(cancellationToken);

        // From now on it is this that hears of SIGTERM.
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(meanwhile.Lifetime.ApplicationStopping, cancellationToken);
        while (await looking.WaitAsync(ended.Token) is { } found)
        {
            if (found != reason)
                Waiting(meanwhile.Logger, found);

            Volatile.Write(ref reason, found);
            await Task.Delay(BetweenLooks, TimeProvider.System, ended.Token);
            looking = FindReasonAsync(configuration, ended.Token);
        }

        await meanwhile.StopAsync(CancellationToken.None);
    }

    /// <summary>Why the store cannot be opened yet; <see langword="null"/> where it can.</summary>
    private static async Task<string?> FindReasonAsync(GatewayConfiguration configuration, CancellationToken cancellationToken)
    {
        await using var services = new ServiceCollection().AddLogging().AddRedisEventStore(configuration).BuildServiceProvider();
        try
        {
            await services.GetRequiredService<IEventStore>().OpenAsync(cancellationToken);
            return null;
        }
        catch (StoreException e) when (e.IsAway)
        {
            return e.Message;
        }
    }

    [LoggerMessage(1, LogLevel.Warning, "The gateway waits for its store, and takes no event until then: {Reason}")]
    private static partial void Waiting(ILogger logger, string reason);
}
