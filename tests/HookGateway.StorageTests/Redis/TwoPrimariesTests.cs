using System.Collections.Concurrent;
using HookGateway.Events;
using HookGateway.Storage.Redis;
using HookGateway.Store;
using HookGateway.Testing;
using HookGateway.Testing.Redis;
using Xunit;

namespace HookGateway.StorageTests.Redis;

/// <summary>A primary that was gone comes back and does not know that another has taken over: nothing is acknowledged that only it has.</summary>
public sealed class TwoPrimariesTests : RedisStoreTest
{
    private RedisServer _second = null!;

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        _second = await RedisServer.StartAsync("--replicaof", "127.0.0.1", $"{Server.Port}", "--repl-diskless-sync-delay", "0");
        await Wait.UntilAsync(
            async () => (await _second.RunAsync("INFO replication")).Contains("master_link_status:up", StringComparison.Ordinal), "the replica to have everything");
    }

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        await _second.DisposeAsync();
    }

    [Fact]
    public async Task OldPrimary_ComesBackAsOne_NoEventIsAcceptedUntilItIsAReplica()
    {
        var store = await OpenAsync(Options with { Connection = $"{Server.Connection},{_second.Connection}", LookAtPromises = TimeSpan.FromSeconds(1) });
        await AcceptAsync(store, Request("before"));
        await Server.KillAsync();
        await _second.RunAsync("REPLICAOF NO ONE");
        await Wait.UntilAsync(async () => await store.AcceptAsync(Request("after")) is AcceptResult.Accepted, "the store to follow", Soon);

        var acknowledged = new ConcurrentBag<EventId>();
        using var stop = new CancellationTokenSource();
        var sending = SendAsync(store, acknowledged, stop.Token);
        await Wait.UntilAsync(() => acknowledged.Count > 50, "events to be taken");
        await Server.StartAgainAsync();
        await Wait.UntilAsync(() => store.Condition.Refusal is not null, "the store to notice", Soon);
        Assert.Contains(Server.Connection, store.Condition.Refusal, StringComparison.Ordinal);
        Assert.Contains(_second.Connection, store.Condition.Refusal, StringComparison.Ordinal);
        Assert.IsType<AcceptResult.Unavailable>(await store.AcceptAsync(Request("while there are two")));

        // Nor does another gateway start now.
        var refused = await Assert.ThrowsAsync<StoreException>(() => OpenAsync(Options with { Connection = $"{Server.Connection},{_second.Connection}" }));
        Assert.True(refused.IsAway);

        await Server.RunAsync($"REPLICAOF 127.0.0.1 {_second.Port}");
        var before = acknowledged.Count;
        await Wait.UntilAsync(() => acknowledged.Count > before + 50, "events to be taken again", Soon);
        await stop.CancelAsync();
        await sending;

        await using var reader = await OpenAsync(Options with { Connection = _second.Connection });
        Assert.All(await Task.WhenAll(acknowledged.Select(id => reader.FindAsync(id, Cancel).AsTask())), Assert.NotNull);
    }
}
