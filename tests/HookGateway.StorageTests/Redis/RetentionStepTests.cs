using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using HookGateway.Events;
using HookGateway.Storage.Redis;
using HookGateway.Store;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace HookGateway.StorageTests.Redis;

/// <summary>Retention never has Redis do much at once, however many events there are, and two gateways may do it together.</summary>
public sealed class RetentionStepTests : RedisStoreTest
{
    private const int Events = 700;
    private static readonly RetentionLimits Limits =
        new(TimeSpan.FromDays(7), TimeSpan.FromDays(30)) { Bodies = TimeSpan.FromMinutes(15) };

    private readonly FakeTimeProvider _time = new(DateTimeOffset.UnixEpoch.AddYears(50));

    [Fact]
    public async Task Retain_ManyEvents_NoScriptChangesMoreThanAFew()
    {
        var store = await OpenAsync(Options with { OwnClock = true }, _time);
        await DeliverManyAsync(store);
        _time.Advance(TimeSpan.FromDays(1));
        var dropping = await CommandsAsync(() => store.RetainAsync(Limits, Cancel));
        _time.Advance(TimeSpan.FromDays(8));
        var deleting = await CommandsAsync(() => store.RetainAsync(Limits, Cancel));

        Assert.Equal(Events, dropping.Sum(script => script.Count(command => command == "hdel")));
        Assert.InRange(dropping.Max(script => script.Count(command => command == "hdel")), 1, 64);
        Assert.Equal(Events, deleting.Sum(script => script.Count(command => command == "unlink")));
        Assert.InRange(deleting.Max(script => script.Count(command => command == "unlink")), 1, 64);

        // One chunk is looked at, and its events' deliveries.
        Assert.InRange(dropping.Concat(deleting).Max(script => script.Count), 1, 2000);
    }

    [Fact]
    public async Task Retain_FullOfMemory_DeletesAllTheSame()
    {
        var store = await OpenAsync(Options with { OwnClock = true }, _time);
        await DeliverManyAsync(store);
        await RunAsync("CONFIG", "SET", "maxmemory", 1);
        _time.Advance(TimeSpan.FromDays(8));

        Assert.Equal(Events, await store.RetainAsync(Limits, Cancel));
    }

    [Fact]
    public async Task Retain_TwoGatewaysAtOnce_DeleteEachEventOnce()
    {
        var (first, second) = (await OpenAsync(Options with { OwnClock = true }, _time), await OpenAsync(Options with { OwnClock = true }, _time));
        await DeliverManyAsync(first);
        _time.Advance(TimeSpan.FromDays(8));

        var deleted = await Task.WhenAll(first.RetainAsync(Limits, Cancel), second.RetainAsync(Limits, Cancel));

        Assert.Equal(Events, deleted.Sum());
        Assert.Equal(0, Assert.Single(await first.PendingAsync(Cancel)).Count);
        Assert.Empty((await first.ListAsync(new EventFilter(), null, 10, Cancel)).Events);
    }

    [Fact]
    public async Task Retain_EverythingIsOver_LeavesNothingThatGrows()
    {
        var store = await OpenAsync(Options with { OwnClock = true, Partitions = 1 }, _time);
        await DeliverManyAsync(store);
        _time.Advance(TimeSpan.FromDays(8));
        await store.RetainAsync(Limits, Cancel);
        await SettleAsync(store, (await AcceptAsync(store, Request("last"))).Leased[0], DeliveryState.Delivered);
        _time.Advance(TimeSpan.FromDays(8));
        await store.RetainAsync(Limits, Cancel);

        Assert.Equal("1", await RunAsync("ZCARD", "{hookgateway:0}:chunks"));
        Assert.Equal("1", await RunAsync("ZCARD", "{hookgateway:0}:bodies"));
        Assert.Equal((Events + 1).ToString(CultureInfo.InvariantCulture), await RunAsync("HGET", "{hookgateway:0}:books", "ep:crm"));
        Assert.Equal("0", await RunAsync("HGET", "{hookgateway:0}:books", "e0:crm"));
        Assert.Equal("0", await RunAsync("HGET", "{hookgateway:0}:books", "dd:jira"));
        Assert.Equal((Events + 1).ToString(CultureInfo.InvariantCulture), await RunAsync("HGET", "{hookgateway:0}:books", "dp:jira"));
    }

    private static Task DeliverManyAsync(RedisEventStore store) => Parallel.ForEachAsync(
        Enumerable.Range(0, Events), new ParallelOptions { MaxDegreeOfParallelism = 32, CancellationToken = Cancel },
        async (i, _) => await SettleAsync(store, (await AcceptAsync(store, Request($"e{i}"))).Leased[0], DeliveryState.Delivered));

    /// <summary>What each script that ran meanwhile did, as the server tells who watches it.</summary>
    private async Task<List<List<string>>> CommandsAsync(Func<Task> meanwhile)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, Server.Port, Cancel);
        using var reader = new StreamReader(client.GetStream(), Encoding.Latin1);
        await client.GetStream().WriteAsync("MONITOR\r\n"u8.ToArray(), Cancel);
        Assert.Equal("+OK", await reader.ReadLineAsync(Cancel));
        await meanwhile();
        await RunAsync("ECHO", "over");

        var scripts = new List<List<string>>();
        while (await reader.ReadLineAsync(Cancel).AsTask().WaitAsync(Soon, Cancel) is { } line && !line.EndsWith("\"ECHO\" \"over\"", StringComparison.Ordinal))
        {
            // +TIME [DATABASE CLIENT] "COMMAND" ...
            var parts = line.Split(' ', 4);
            if (parts[2] != "lua]")
                scripts.Add([]);
            else
                scripts[^1].Add(parts[3].Split(' ')[0].Trim('"').ToLowerInvariant());
        }

        return scripts;
    }
}
