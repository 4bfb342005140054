using System.Globalization;
using HookGateway.Storage.Redis.Link;
using Microsoft.Extensions.Logging;
using StackExchange.Redis;

namespace HookGateway.Storage.Redis.Writing;

/// <summary>
/// Looks each second how full the primaries are. From 85 % of <c>maxmemory</c> on no event is accepted: what is left is for what
/// makes room, settlements and retention.
/// </summary>
internal sealed class MemoryWatch(RedisLink link, ILogger logger) : IAsyncDisposable
{
    /// <summary>What is to be said while memory is short.</summary>
    public const string Warning = "Redis is nearly full: events are refused until deliveries have made room.";

    private const int MostPercent = 85;
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(1);

    private readonly CancellationTokenSource _closing = new();
    private Task _watching = Task.CompletedTask;
    private volatile bool _isShort;

    /// <summary>Whether a primary is too full for another event.</summary>
    public bool IsShort => _isShort;

    public void Start() => _watching = WatchAsync();

    public async ValueTask DisposeAsync()
    {
        await _closing.CancelAsync().ConfigureAwait(false);
        await _watching.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _closing.Dispose();
    }

    private async Task WatchAsync()
    {
        using var timer = new PeriodicTimer(Every);
        while (await timer.WaitForNextTickAsync(_closing.Token).ConfigureAwait(false))
        {
            if (!link.Writable.IsOpen)
                continue;

            try
            {
                Set(await IsAnyShortAsync().ConfigureAwait(false));
            }
            catch (Exception e) when (RedisFailure.Is(e))
            {
                // Whoever wants to write notices too, and says so.
            }
        }
    }

    private void Set(bool isShort)
    {
        if (isShort == _isShort)
            return;

        _isShort = isShort;
        if (isShort)
            StoreLog.NearlyFull(logger, 100 - MostPercent);
        else
            StoreLog.HasRoom(logger);
    }

    private async Task<bool> IsAnyShortAsync()
    {
        foreach (var server in link.Multiplexer.GetServers().Where(server => server.IsConnected && !server.IsReplica))
        {
            var memory = (await server.InfoAsync("memory").ConfigureAwait(false)).SelectMany(section => section)
                .ToDictionary(pair => pair.Key, pair => pair.Value);
            if (Bytes(memory, "maxmemory") is > 0 and var most && Bytes(memory, "used_memory") > most / 100 * MostPercent)
                return true;
        }

        return false;
    }

    private static long Bytes(Dictionary<string, string> memory, string name) =>
        memory.TryGetValue(name, out var text) && long.TryParse(text, CultureInfo.InvariantCulture, out var bytes) ? bytes : 0;
}
