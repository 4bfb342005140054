using HookGateway.Events;
using HookGateway.Storage.Redis;
using HookGateway.Store;
using HookGateway.Testing;
using HookGateway.Testing.Redis;
using Xunit;

namespace HookGateway.StorageTests.Redis;

/// <summary>
/// A replica takes over that had not received the last writes: who still knows what was lost takes nothing for it that came since, though
/// numbers are given again.
/// </summary>
public sealed class LossTests : RedisStoreTest
{
    private RedisServer _replica = null!;
    private RedisEventStore _before = null!;
    private RedisEventStore _after = null!;

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        _replica = await RedisServer.StartAsync("--replicaof", "127.0.0.1", $"{Server.Port}");
        _before = await OpenAsync(Options with { Partitions = 1 });
    }

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        await _replica.DisposeAsync();
    }

    [Fact]
    public async Task State_ReadBeforeTheLoss_DoesNotReplaceWhatCameSince()
    {
        var kept = (await _before.TrySetStateAsync("a", 0, "kept"u8.ToArray(), Cancel))!.Value;
        await PartAsync();
        var lost = (await _before.TrySetStateAsync("a", kept, "lost"u8.ToArray(), Cancel))!.Value;
        await TakeOverAsync();

        Assert.NotNull(await _after.TrySetStateAsync("a", kept, "since"u8.ToArray(), Cancel));
        Assert.Null(await _after.TrySetStateAsync("a", lost, "over what was never seen"u8.ToArray(), Cancel));
    }

    [Fact]
    public async Task CoalescingKey_ReadBeforeTheLoss_IsNotChangedAsIfItWereThat()
    {
        await AcceptAsync(_before, Held("kept", 1, version: 0));
        var kept = await VersionAsync(_before);
        await PartAsync();
        await AcceptAsync(_before, Held("lost", 2, kept));
        var lost = await VersionAsync(_before);
        await TakeOverAsync();

        await AcceptAsync(_after, Held("since", 2, kept));
        Assert.IsType<AcceptResult.Conflict>(await _after.AcceptAsync(Held("over what was never seen", 3, lost)));
    }

    [Fact]
    public async Task Delivery_LeasedBeforeTheLoss_DoesNotSettleTheOneThatHasItsNumberSince()
    {
        await AcceptAsync(_before, Request("kept"));
        await PartAsync();
        var lost = (await AcceptAsync(_before, Request("lost"))).Leased[0];
        await TakeOverAsync();
        var since = await AcceptAsync(_after, Request("since"));
        Assert.Equal(lost.Lease, since.Leased[0].Lease);

        await SettleAsync(_after, lost, DeliveryState.Delivered);

        Assert.Equal(DeliveryState.Pending, (await _after.FindAsync(since.Event.Id, Cancel))!.Deliveries[0].State);
        Assert.Null(await _after.FindAsync(lost.Event.Id, Cancel));
    }

    /// <summary>From now on the replica receives nothing.</summary>
    private async Task PartAsync()
    {
        await Wait.UntilAsync(
            async () => await RunAsync("DBSIZE") == await _replica.RunAsync("DBSIZE") && await OffsetAsync(Server) == await OffsetAsync(_replica),
            "the replica to have everything");
        await _replica.RunAsync("REPLICAOF NO ONE");
    }

    private async Task TakeOverAsync() => _after = await OpenAsync(Options with { Connection = _replica.Connection });

    private static async Task<long> VersionAsync(RedisEventStore store) => (await store.FindCoalescedAsync("crm", "k1", Cancel))!.Version;

    private static async Task<string> OffsetAsync(RedisServer server) =>
        (await server.RunAsync("INFO replication")).Split("\r\n").Single(line => line.StartsWith("master_repl_offset:", StringComparison.Ordinal));

    private static AcceptRequest Held(string id, int number, long version) => Request(id) with
    {
        Deliveries = [],
        Disposition = Disposition.Held,
        Coalesce = new CoalesceStep
        {
            Source = "crm",
            Key = "k1",
            Version = version,
            Number = number,
            State = new CoalescedState("state"u8.ToArray(), [number], DateTimeOffset.UnixEpoch.AddYears(100), DateTimeOffset.UnixEpoch.AddYears(100)),
        },
    };
}
