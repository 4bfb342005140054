using System.Collections.Concurrent;
using HookGateway.Configuration;
using HookGateway.Events;
using HookGateway.Storage.Redis;
using HookGateway.Store;
using HookGateway.Testing;
using HookGateway.Testing.Redis;
using Xunit;

namespace HookGateway.StorageTests.Redis;

/// <summary><c>durability: replicated</c>: what is acknowledged a replica has, whatever becomes of the primary at that moment.</summary>
public sealed class ReplicatedTests : RedisStoreTest
{
    private const int Kills = 12;
    private const int Senders = 8;

    private static readonly TimeSpan Short = TimeSpan.FromSeconds(1);
    private static readonly string[] Settings = ["--min-replicas-to-write", "1", "--min-replicas-max-lag", "60", "--repl-diskless-sync-delay", "0"];

    private readonly List<IAsyncDisposable> _others = [];
    private RedisServer _replica = null!;

    private RedisStoreOptions Replicated => Options with { Durability = StorageDurability.Replicated };

    // Only for what is to be refused: the replica of a busy machine may need longer.
    private RedisStoreOptions Hasty => Replicated with { AcceptTimeout = Short };

    public override async ValueTask InitializeAsync()
    {
        await StartServerAsync(Settings);
        _replica = await RedisServer.StartAsync([.. Settings, .. Of(Server.Port)]);
        await HasReplicaAsync(Server, _replica);
    }

    public override async ValueTask DisposeAsync()
    {
        _replica.Resume();
        await base.DisposeAsync();
        foreach (var other in _others)
            await other.DisposeAsync();

        await _replica.DisposeAsync();
    }

    [Fact]
    public async Task Primary_KilledUnderLoadAndReplicaPromoted_HasAllThatWasAcknowledged()
    {
        // Its way to the replica takes long, so that without waiting for it much would be missing.
        var (primary, replica) = (Server, _replica);
        var counts = new List<int>();
        for (var kill = 0; kill < Kills; kill++)
        {
            await using var slow = new TcpRelay(primary.Port) { Delay = TimeSpan.FromMilliseconds(5) };
            await replica.RunAsync($"REPLICAOF 127.0.0.1 {slow.Port}");
            await HasReplicaAsync(primary, replica);
            var acknowledged = await UntilKilledAsync(primary, kill);
            slow.Cut();
            await replica.RunAsync("REPLICAOF NO ONE");
            await replica.RunAsync("CONFIG SET min-replicas-to-write 0");

            await using var reader = await OpenAsync(Options with { Connection = replica.Connection });
            var found = await Task.WhenAll(acknowledged.Select(id => reader.FindAsync(id, Cancel).AsTask()));
            Assert.All(found, Assert.NotNull);
            counts.Add(acknowledged.Count);
            await replica.RunAsync("CONFIG SET min-replicas-to-write 1");
            await primary.StartAgainAsync();
            (primary, replica) = (replica, primary);
        }

        Assert.All(counts, count => Assert.True(count > 0, "nothing was acknowledged"));
        TestContext.Current.TestOutputHelper!.WriteLine($"{Kills} kills, {counts.Sum()} events acknowledged");
    }

    [Fact]
    public async Task Replica_StandsStill_NothingIsAcknowledgedNeitherAreRepeatsUntilItGoesOn()
    {
        var (patient, store, other) = (await OpenAsync(Replicated), await OpenAsync(Hasty), await OpenAsync(Hasty));
        var before = await AcceptAsync(patient, Request("e0"));
        _replica.Pause();

        Assert.Contains("replicas", Refused(await store.AcceptAsync(Request("e1"))), StringComparison.Ordinal);
        Assert.Contains("replicas", Refused(await other.AcceptAsync(Request("e1"))), StringComparison.Ordinal);
        Assert.Contains("replicas", Refused(await other.AcceptAsync(Request("e0"))), StringComparison.Ordinal);

        // Deliveries go on: what is lost of them is made again.
        Assert.True(store.IsWritable);
        await SettleAsync(patient, before.Leased[0], DeliveryState.Delivered);

        _replica.Resume();
        await Wait.UntilAsync(async () => await other.AcceptAsync(Request("e1")) is AcceptResult.Duplicate, "the repeat to be known");
        await AcceptAsync(patient, Request("e2"));
        Assert.Equal(3, (await patient.ListAsync(new EventFilter(), null, 10, Cancel)).Events.Count);
    }

    [Fact]
    public async Task SetPaused_ReplicaStandsStill_IsRefusedAlsoWhereItChangesNothing()
    {
        var store = await OpenAsync(Replicated);
        await UntilPausedAsync("jira");
        _replica.Pause();

        await Assert.ThrowsAsync<StoreException>(() => store.SetPausedAsync("jira", paused: true, Cancel));
        await Assert.ThrowsAsync<StoreException>(() => store.SetPausedAsync("slack", paused: true, Cancel));

        _replica.Resume();
        await UntilPausedAsync("slack");
        Assert.Equal(["jira", "slack"], (await store.PausedAsync(Cancel)).Select(paused => paused.Destination));

        // It is asked once, and the replica of a busy machine may need longer than that.
        Task UntilPausedAsync(string destination) => Wait.UntilAsync(
            async () =>
            {
                try
                {
                    await store.SetPausedAsync(destination, paused: true, Cancel);
                    return true;
                }
                catch (StoreException)
                {
                    return false;
                }
            },
            "the replica to have it");
    }

    [Fact]
    public async Task Replica_ComesInTime_TheSameEventIsAcknowledgedOnce()
    {
        var store = await OpenAsync(Replicated with { AcceptTimeout = Soon });
        _replica.Pause();
        var accepting = AcceptAsync(store, Request("e1"));
        await Wait.UntilAsync(async () => (await Server.RunAsync("INFO clients")).Contains("blocked_clients:1", StringComparison.Ordinal), "the round to wait");
        Assert.False(accepting.IsCompleted);
        _replica.Resume();

        await SettleAsync(store, (await accepting).Leased[0], DeliveryState.Delivered);
        Assert.Single((await store.ListAsync(new EventFilter(), null, 10, Cancel)).Events);
    }

    [Fact]
    public async Task Replica_Gone_NothingIsWrittenUntilItIsThere()
    {
        var store = await OpenAsync(Replicated);
        await AcceptAsync(store, Request("e1"));
        await _replica.KillAsync();

        Assert.IsType<AcceptResult.Unavailable>(await store.AcceptAsync(Request("e2")));
        await Wait.UntilAsync(() => !store.IsWritable, "the store to notice");

        await _replica.StartAgainAsync();
        await store.WhenWritableAsync(Cancel).WaitAsync(Soon, Cancel);
        await AcceptAsync(store, Request("e2"));
    }

    [Fact]
    public async Task Connection_ReplacedBetweenScriptAndWait_NothingIsAcknowledged()
    {
        await using var way = new TcpRelay(Server.Port);
        var store = await OpenAsync(Hasty with { Connection = way.Connection });
        await AcceptAsync(await OpenAsync(Replicated), Request("e1"));
        _replica.Pause();

        // On another connection WAIT knows of no write, and says at once that all replicas have it.
        way.ReconnectBefore("*3\r\n$4\r\nWAIT\r\n");
        var refused = Refused(await store.AcceptAsync(Request("e2")));

        Assert.True(way.HasReconnected);
        Assert.Contains("replicas", refused, StringComparison.Ordinal);
        _replica.Resume();
        await Wait.UntilAsync(async () => await store.AcceptAsync(Request("e2")) is AcceptResult.Duplicate, "the repeat to be known");
    }

    [Fact]
    public async Task Connections_CutAgainAndAgain_EachEventIsStoredOnce()
    {
        await using var way = new TcpRelay(Server.Port);
        var store = await OpenAsync(Replicated with { Connection = way.Connection });
        for (var i = 0; i < 10; i++)
        {
            var accepting = Enumerable.Range(0, 20).Select(n => store.AcceptAsync(Request($"e{i}-{n}", key: $"k{n}")).AsTask()).ToList();
            way.Cut();
            foreach (var (n, accepted) in (await Task.WhenAll(accepting)).Index())
            {
                if (accepted is AcceptResult.Unavailable)
                    await Wait.UntilAsync(async () => await store.AcceptAsync(Request($"e{i}-{n}", key: $"k{n}")) is not AcceptResult.Unavailable, "the sender's repeat");
            }
        }

        // Not over what was cut a moment ago.
        var reader = await OpenAsync(Replicated);
        Assert.Equal(200, (await reader.ListAsync(new EventFilter(), null, 1000, Cancel)).Events.Count);
        Assert.Equal(0, (await reader.AuditAsync(Cancel)).Unaccounted);
    }

    [Fact]
    public async Task Scripts_Forgotten_AreLoadedAgain()
    {
        var store = await OpenAsync(Replicated);
        await AcceptAsync(store, Request("e1"));
        await RunAsync("SCRIPT", "FLUSH");

        await AcceptAsync(store, Request("e2"));
        await AcceptAsync(store, Request("e3"));
    }

    [Fact]
    public async Task Cluster_OneReplicaStandsStill_OnlyItsEventsAreRefused()
    {
        await using var cluster = await RedisCluster.StartAsync(Settings);
        await cluster.AddReplicasAsync();
        var ofCluster = Replicated with { Connection = cluster.Connection + RedisEngine.Patient, Partitions = 12 };
        var (patient, store) = (await OpenAsync(ofCluster), await OpenAsync(ofCluster with { AcceptTimeout = Short }));
        for (var i = 0; i < 30; i++)
            await AcceptAsync(patient, Request($"before {i}", key: $"k{i}"));

        cluster.Replicas[1].Pause();
        try
        {
            // The others may not have all in time the first time.
            AcceptResult[] results = [];
            await Wait.UntilAsync(
                async () => (results = await AcceptAllAsync()).Any(result => result is not AcceptResult.Unavailable), "the others to have theirs");
            Assert.Contains(results, result => result is AcceptResult.Unavailable);
        }
        finally
        {
            cluster.Replicas[1].Resume();
        }

        await Wait.UntilAsync(async () => (await AcceptAllAsync()).All(result => result is AcceptResult.Duplicate), "all to be known");

        Task<AcceptResult[]> AcceptAllAsync() =>
            Task.WhenAll(Enumerable.Range(0, 30).Select(i => store.AcceptAsync(Request($"e{i}", key: $"k{i}")).AsTask()));
    }

    [Theory]
    [InlineData("min-replicas-to-write")]
    [InlineData("min-replicas-max-lag")]
    public async Task Open_ServerWritesWithoutReplicas_IsRefusedWithWhatToSet(string setting)
    {
        await RunAsync("CONFIG", "SET", setting, "0");

        var refused = await Assert.ThrowsAsync<StoreException>(() => OpenAsync(Replicated));

        Assert.Contains("min-replicas-to-write", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Running_ServerWritesWithoutReplicas_TakesNoEventAndComesBack()
    {
        var store = await OpenAsync(Replicated with { LookAtPromises = TimeSpan.FromMilliseconds(50) });
        await RunAsync("CONFIG", "SET", "min-replicas-to-write", "0");
        await Wait.UntilAsync(() => store.Condition.Refusal is not null, "the store to notice");
        Assert.Contains("min-replicas-to-write", Refused(await store.AcceptAsync(Request("e1"))), StringComparison.Ordinal);

        await RunAsync("CONFIG", "SET", "min-replicas-to-write", "1");
        await Wait.UntilAsync(() => store.Condition.Refusal is null, "the store to notice");
        await AcceptAsync(store, Request("e1"));
    }

    [Fact]
    public async Task Open_AsManyReplicasAsTheServerAsksFor_MustHaveIt()
    {
        var second = await RedisServer.StartAsync([.. Settings, .. Of(Server.Port)]);
        _others.Add(second);
        await HasReplicaAsync(Server, second, 2);
        await RunAsync("CONFIG", "SET", "min-replicas-to-write", "2");
        await AcceptAsync(await OpenAsync(Replicated), Request("e1"));
        var store = await OpenAsync(Hasty);
        second.Pause();

        Assert.Contains("Of the 2 replicas", Refused(await store.AcceptAsync(Request("e2"))), StringComparison.Ordinal);
        second.Resume();
    }

    private static string[] Of(int port) => ["--replicaof", "127.0.0.1", $"{port}"];

    private static string Refused(AcceptResult result) => Assert.IsType<AcceptResult.Unavailable>(result).Reason;

    // The primary counts it before it has loaded what it was sent first.
    private static async Task HasReplicaAsync(RedisServer primary, RedisServer replica, int count = 1)
    {
        await Wait.UntilAsync(
            async () => (await replica.RunAsync("INFO replication")).Contains("master_link_status:up", StringComparison.Ordinal), "the replica to have everything");
        await Wait.UntilAsync(
            async () => (await primary.RunAsync("INFO replication")).Contains($"min_slaves_good_slaves:{count}", StringComparison.Ordinal), "the primary to count it");
    }

    /// <summary>Stores events from many senders until the primary is killed, at some moment.</summary>
    /// <returns>What was acknowledged.</returns>
    private async Task<IReadOnlyCollection<EventId>> UntilKilledAsync(RedisServer primary, int kill)
    {
        await using var store = await OpenAsync(Hasty with { Connection = primary.Connection + RedisEngine.Patient, CloseTimeout = TimeSpan.Zero });
        var acknowledged = new ConcurrentBag<EventId>();
        using var killed = new CancellationTokenSource();

        // What the replica does not have in time is refused, and the next is sent.
        var sending = Enumerable.Range(0, Senders).Select(sender => SendAsync(store, acknowledged, killed.Token, $"{kill}-{sender}-")).ToList();
        await Wait.UntilAsync(() => acknowledged.Count > 10 * (kill + 1), "events to be acknowledged");
        await primary.KillAsync();
        await killed.CancelAsync();
        await Task.WhenAll(sending);
        return acknowledged;
    }
}
