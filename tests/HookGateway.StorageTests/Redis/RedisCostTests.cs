using System.Buffers.Binary;
using System.Globalization;
using HookGateway.Events;
using HookGateway.Storage.Redis;
using HookGateway.Store;
using StackExchange.Redis;
using Xunit;

namespace HookGateway.StorageTests.Redis;

/// <summary>
/// What an event costs Redis: how many commands, each of which is also written to its log, and how many bytes. A change that is worth
/// more writes the new figures here and into docs/scale.md.
/// </summary>
public sealed class RedisCostTests : RedisStoreTest
{
    private const int AtOnce = 32;
    private const int MostEventBytes = 800;
    private const int MostMarkBytes = 200;

    [Fact]
    public async Task AcceptAndSettle_OneEvent_TakesThreeWritesAndAFewForTheScript()
    {
        var store = await OpenAsync(Options with { Partitions = 1 });
        await DeliverAsync(store, "first of its chunk");

        Assert.Equal(
            "evalsha 1, get 1, hincrby 2, hmget 1, hset 2, set 1, time 1, zadd 1",
            await CommandsAsync(() => AcceptAsync(store, Request("e1"))));
        var leased = (await AcceptAsync(store, Request("e2"))).Leased[0];
        Assert.Equal(
            "evalsha 1, hincrby 1, hmget 2, hset 1, time 1, zrem 1",
            await CommandsAsync(() => SettleAsync(store, leased, DeliveryState.Delivered)));
    }

    [Fact]
    public async Task AcceptAndSettle_ManyAtOnce_ShareWhatTheScriptTakes()
    {
        var store = await OpenAsync(Options with { Partitions = 1 });
        await DeliverAsync(store, "first of its chunk");
        AcceptResult[] accepted = [];

        // The first goes alone, the others together.
        Assert.Equal(
            $"evalsha 2, get {1 + AtOnce}, hincrby 4, hmget 2, hset {2 + 1 + AtOnce}, set {1 + AtOnce}, time 2, zadd 2",
            await CommandsAsync(async () => accepted = await AcceptAtOnceAsync(store, Enumerable.Range(0, 1 + AtOnce).Select(i => $"e{i}"))));
        Assert.Equal(
            $"evalsha 2, hincrby 2, hmget {2 + 1 + AtOnce}, hset {1 + AtOnce}, time 2, zrem 2",
            await CommandsAsync(() => WhilePausedAsync(() => Task.WhenAll(accepted.Select(
                one => SettleAsync(store, Assert.IsType<AcceptResult.Accepted>(one).Leased[0], DeliveryState.Delivered))))));
    }

    [Fact]
    public async Task Accept_ALaterEventOfTheScriptFails_WhatWasStoredIsCountedLeasedAndListed()
    {
        const int before = 254;
        var store = await OpenAsync(Options with { Partitions = 1 });
        await Task.WhenAll(Enumerable.Range(0, before).Select(i => AcceptAsync(store, Request($"before {i}"))));
        var mark = new byte[16];
        BinaryPrimitives.WriteUInt128BigEndian(mark, Request("broken").DedupeKey.Value);
        await using (var client = await ConnectionMultiplexer.ConnectAsync(Server.Connection))
            await client.GetDatabase().ListLeftPushAsync((RedisKey)(byte[])[.. "{hookgateway:0}:m:"u8, .. mark], "not a mark");

        var results = await AcceptAtOnceAsync(store, ["e0", "e1", "broken", "e3"]);
        var after = await AcceptAsync(store, Request("after"));

        Assert.IsType<AcceptResult.Accepted>(results[0]);
        Assert.All(results[1..], result => Assert.IsType<AcceptResult.Unavailable>(result));
        var stored = Assert.IsType<AcceptResult.Duplicate>(await store.AcceptAsync(Request("e1")));
        await AcceptAsync(store, Request("e3"));
        Assert.Equal(DeliveryState.Pending, Assert.Single((await store.FindAsync(stored.First, Cancel))!.Deliveries).State);
        Assert.NotEqual(stored.First, after.Event.Id);

        // The number that begins a chunk of 256 was the one that failed.
        Assert.Equal(before + 4, (await store.ListAsync(new EventFilter(), null, 1000, Cancel)).Events.Count);
        Assert.Equal(0, (await store.AuditAsync(Cancel)).Unaccounted);
    }

    [Fact]
    public async Task Event_DeliveredWithoutItsBody_TakesFewBytes()
    {
        var store = await OpenAsync(Options with { Partitions = 1 });
        await DeliverAsync(store, "e1");
        await RunAsync("HDEL", "{hookgateway:0}:e:1", "b");

        Assert.InRange(int.Parse(await RunAsync("MEMORY", "USAGE", "{hookgateway:0}:e:1"), CultureInfo.InvariantCulture), 100, MostEventBytes);
        await using var client = await ConnectionMultiplexer.ConnectAsync(Server.Connection);
        var mark = await client.GetServers()[0].KeysAsync(pattern: "*:m:*").SingleAsync(Cancel);
        Assert.InRange((int)await client.GetDatabase().ExecuteAsync("MEMORY", "USAGE", mark), 50, MostMarkBytes);
    }

    private static async Task DeliverAsync(RedisEventStore store, string id) =>
        await SettleAsync(store, (await AcceptAsync(store, Request(id))).Leased[0], DeliveryState.Delivered);

    // A server that stands still answers the first script only when all are asked for.
    private async Task<AcceptResult[]> AcceptAtOnceAsync(RedisEventStore store, IEnumerable<string> ids)
    {
        AcceptResult[] results = [];
        await WhilePausedAsync(async () => results = await Task.WhenAll(ids.Select(id => store.AcceptAsync(Request(id)).AsTask())));
        return results;
    }

    private async Task WhilePausedAsync(Func<Task> ask)
    {
        Server.Pause();
        var asked = ask();
        Server.Resume();
        await asked.WaitAsync(Soon, Cancel);
    }

    /// <summary>The commands that scripts ran meanwhile, and the scripts: not what looks after the connection.</summary>
    private async Task<string> CommandsAsync(Func<Task> meanwhile)
    {
        await Server.RunAsync("CONFIG RESETSTAT");
        await meanwhile();
        var commands = (await Server.RunAsync("INFO commandstats")).Split("\r\n")
            .Where(line => line.StartsWith("cmdstat_", StringComparison.Ordinal))
            .Select(line => (Name: line["cmdstat_".Length..line.IndexOf(':')], Calls: line[(line.IndexOf('=') + 1)..line.IndexOf(',')]))
            .Where(command => command.Name is not ("info" or "ping" or "echo") && !command.Name.Contains('|', StringComparison.Ordinal));
        return string.Join(", ", commands.Select(command => $"{command.Name} {command.Calls}").Order(StringComparer.Ordinal));
    }
}
