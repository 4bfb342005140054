using System.Globalization;

namespace HookGateway.Testing.Redis;

/// <summary>A primary and a replica on free loopback ports, and a Sentinel that makes the replica the primary when that is gone.</summary>
public sealed class RedisSentinel : IAsyncDisposable
{
    private const string Service = "events";

    // Where it holds a server for gone: at once where a test killed one, else not for a machine that stands still for a moment. Each such
    // moment would begin anew the 8 seconds without one that it waits for before it makes an old primary a replica.
    private const int DownAfterKill = 500;
    private const int DownAfter = 60_000;

    /// <summary>
    /// How long a test waits for what the Sentinel decides: it looks each 10 seconds, and where it stood still itself, it does nothing for
    /// 30 ("tilt").
    /// </summary>
    public static readonly TimeSpan Soon = TimeSpan.FromSeconds(180);

    private readonly TemporaryDirectory _directory = new();
    private RedisServer? _sentinel;

    private RedisSentinel()
    {
    }

    /// <summary>The first primary.</summary>
    public RedisServer Primary { get; private set; } = null!;

    /// <summary>The first replica.</summary>
    public RedisServer Replica { get; private set; } = null!;

    /// <summary>As a client reads it: the Sentinel, and what it watches.</summary>
    public string Connection => $"{_sentinel!.Connection},serviceName={Service}";

    /// <summary>Starts all three, and waits until the Sentinel knows the replica.</summary>
    /// <param name="settings">Of primary and replica, as on the command line.</param>
    public static async Task<RedisSentinel> StartAsync(params string[] settings)
    {
        var watched = new RedisSentinel();
        try
        {
            await watched.BeginAsync(settings);
            return watched;
        }
        catch
        {
            await watched.DisposeAsync();
            throw;
        }
    }

    /// <summary>Waits until the replica has all that the primary has.</summary>
    public async Task WhenReplicatedAsync() => await Wait.UntilAsync(
        async () => (await Replica.RunAsync("INFO replication")).Contains("master_link_status:up", StringComparison.Ordinal)
            && await OffsetAsync(Primary) == await OffsetAsync(Replica),
        "the replica to have everything");

    /// <summary>Waits until the replica is the primary in place of the first, which the test killed.</summary>
    public async Task WhenFailedOverAsync()
    {
        await HoldForGoneAfterAsync(DownAfterKill);
        await WhenReplicationSaysAsync(Replica, "role:master", "the replica to take over");
        await HoldForGoneAfterAsync(DownAfter);
    }

    /// <summary>Waits until the old primary, which is there again, is a replica that follows the new one.</summary>
    public Task WhenOldPrimaryFollowsAsync() =>
        WhenReplicationSaysAsync(Primary, "master_link_status:up", "the Sentinel to make the old primary a replica");

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        foreach (var server in (RedisServer?[])[_sentinel, Replica, Primary])
        {
            if (server is not null)
                await server.DisposeAsync();
        }

        _directory.Dispose();
    }

    private async Task BeginAsync(string[] settings)
    {
        Primary = await RedisServer.StartAsync([.. settings, "--repl-diskless-sync-delay", "0"]);
        Replica = await RedisServer.StartAsync([.. settings, "--replicaof", "127.0.0.1", Text(Primary.Port)]);

        // It keeps what it learns in its configuration file, and does not start without one.
        _sentinel = await RedisServer.StartOfFileAsync(_directory.Write("sentinel.conf", ""), "--sentinel");
        await _sentinel.RunAsync($"SENTINEL MONITOR {Service} 127.0.0.1 {Primary.Port} 1");
        await HoldForGoneAfterAsync(DownAfter);
        await _sentinel.RunAsync($"SENTINEL SET {Service} failover-timeout 5000");
        await WhenReplicatedAsync();

        // It asks the primary for replicas each 10 seconds; begun anew, it asks at once.
        await _sentinel.RunAsync($"SENTINEL RESET {Service}");
        await Wait.UntilAsync(
            async () => (await _sentinel.RunAsync("INFO sentinel")).Contains("slaves=1", StringComparison.Ordinal), "the Sentinel to know the replica", Soon);
    }

    private async Task HoldForGoneAfterAsync(int milliseconds) =>
        await _sentinel!.RunAsync($"SENTINEL SET {Service} down-after-milliseconds {Text(milliseconds)}");

    // The Sentinel ends all connections of a server whose role it changes.
    private static async Task WhenReplicationSaysAsync(RedisServer server, string text, string what) => await Wait.UntilAsync(
        async () =>
        {
            try
            {
                return (await server.RunAsync("INFO replication")).Contains(text, StringComparison.Ordinal);
            }
            catch (IOException)
            {
                return false;
            }
        },
        what, Soon);

    private static async Task<string> OffsetAsync(RedisServer server) =>
        (await server.RunAsync("INFO replication")).Split("\r\n").Single(line => line.StartsWith("master_repl_offset:", StringComparison.Ordinal));

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
