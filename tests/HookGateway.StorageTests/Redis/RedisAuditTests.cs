using HookGateway.Events;
using HookGateway.StorageTests.Conformance;
using HookGateway.Store;
using HookGateway.Testing;
using StackExchange.Redis;
using Xunit;

namespace HookGateway.StorageTests.Redis;

/// <summary>The audit tells what other hands, or a bug, did to the keys; what gateways do meanwhile it does not blame.</summary>
public sealed class RedisAuditTests : CoalescingStoreTest
{
    private readonly RedisEngine _engine;

    public RedisAuditTests() : this(new RedisEngine())
    {
    }

    private RedisAuditTests(RedisEngine engine) : base(engine)
    {
        _engine = engine;
        engine.Options = engine.Options with { Partitions = 1 };
    }

    [Theory]
    [InlineData("an event is gone", "DEL P:e:1")]
    [InlineData("an event is not listed", "DEL P:chunks")]
    [InlineData("deliveries without their event", "HDEL P:e:1 m")]
    [InlineData("a delivery is gone", "HDEL P:e:1 0")]
    [InlineData("a delivery is doubled", "HSET P:e:3 2 2|0|0|0|0|0|0||jira")]
    [InlineData("a delivery cannot be read", "HSET P:e:3 0 jira")]
    [InlineData("made out to be delivered", "HSET P:e:3 0 2|0|0|0|0|0|0||jira")]
    [InlineData("made out to be owed", "HSET P:e:1 0 0|0|0|1|0|0|0||jira")]
    [InlineData("sent elsewhere", "HSET P:e:1 0 2|1|1|0|0|0|0||slack")]
    [InlineData("never due", "DEL P:due:jira")]
    [InlineData("due at another time", "ZADD P:due:jira XX 0 0000000000300014")]
    [InlineData("of a replay, never due", "DEL P:bulk:jira")]
    [InlineData("leased for good", "DEL P:leases")]
    [InlineData("made out to be filtered", "HSET P:e:4 p 2|1|20")]
    [InlineData("owes less", "HSET P:e:3 p 0|1|20")]
    [InlineData("waits in no order", "ZREM P:o:4:jira:3:crm:k2 00000000006000")]
    [InlineData("its head is in no order", "ZREM P:o:4:jira:3:crm:k2 00000000005000")]
    [InlineData("its head waits itself", "HSET P:e:5 0 0|0|0|2|0|5|1||jira")]
    [InlineData("its head has ended", "ZADD P:o:4:jira:3:crm:k2 1 00000000001000")]
    [InlineData("its head is gone", "ZADD P:o:4:jira:3:crm:k2 1 00000000099000")]
    [InlineData("its head blocks, unknown to those who would let it go", "DEL P:blocked:jira")]
    [InlineData("a replay made more", "HINCRBY P:replay:1 made 1")]
    [InlineData("what a replay counted is gone", "DEL P:replay:1")]
    [InlineData("held without a time to go out", "HSET P:c:3:crm:k1 r ''")]
    [InlineData("held, and nobody looks", "DEL P:held")]
    [InlineData("held, and its key is gone", "DEL P:c:3:crm:k1")]
    [InlineData("held, and its key has forgotten it", "HDEL P:c:3:crm:k1 #4")]
    [InlineData("made out to be held", "HSET P:e:8 p 3|0|20")]
    [InlineData("superseded by nothing", "HDEL P:e:8 y")]
    [InlineData("its successor is gone", "DEL P:e:10")]
    [InlineData("its successor was superseded", "HSET P:e:10 p 4|1|6")]
    [InlineData("the books of deliveries", "HINCRBY P:books dd:jira 1")]
    [InlineData("the books of events", "HINCRBY P:books e1:crm 1")]
    public async Task Audit_Corrupted_DoesNotBalance(string what, string command)
    {
        await FillAsync();
        Assert.Equal(0, (await Store.AuditAsync(Cancel)).Unaccounted);

        await RunAsync(command);

        Assert.True((await Store.AuditAsync(Cancel)).Unaccounted > 0, what);
    }

    [Fact]
    public async Task Audit_WhileOthersWrite_BlamesNobody()
    {
        await using var other = _engine.Create(Time);
        await other.OpenAsync(Cancel);
        await FillAsync();
        await Task.WhenAll(Enumerable.Range(0, 1000).Select(i => AcceptAsync(Request($"before{i}", lease: false, key: $"b{i % 50}", ordered: i % 2 == 0))));

        using var stop = new CancellationTokenSource();
        var written = 0;
        var writing = Task.WhenAll(new[] { Store, other }.Select(async (store, gateway) =>
        {
            for (var i = 0; !stop.IsCancellationRequested; i++)
            {
                await WriteAsync(store, $"{gateway}-{i}", i);
                Interlocked.Increment(ref written);
            }
        }));
        for (var audits = 0; audits < 10; audits++)
        {
            var before = Volatile.Read(ref written);
            Assert.Equal(0, (await Store.AuditAsync(Cancel)).Unaccounted);
            await Wait.UntilAsync(() => Volatile.Read(ref written) > before, "somebody to write");
        }

        await stop.CancelAsync();
        await writing;
        Assert.Equal(0, (await Store.AuditAsync(Cancel)).Unaccounted);
        await RunAsync("DEL P:e:1");
        Assert.NotEqual(0, (await Store.AuditAsync(Cancel)).Unaccounted);
    }

    [Fact]
    public async Task Audit_TwoGatewaysAtOnce_BothBalance()
    {
        await using var other = _engine.Create(Time);
        await other.OpenAsync(Cancel);
        await FillAsync();

        var reports = await Task.WhenAll(Enumerable.Range(0, 6).Select(i => (i % 2 == 0 ? Store : other).AuditAsync(Cancel)));

        Assert.All(reports, report => Assert.Equal(0, report.Unaccounted));
    }

    [Fact]
    public async Task Audit_OneBeforeIsGone_IsDoneAfterAWhile()
    {
        await FillAsync();
        await RunAsync($"HSET P:audit by somebody at {Time.GetUtcNow().ToUnixTimeMilliseconds()}");
        await RunAsync("HSET P:meta audited 3 audit_end 9");

        // What is told to it is nobody's.
        await AcceptAsync(Request("meanwhile"));
        var audit = Store.AuditAsync(Cancel);
        Assert.False(audit.IsCompleted);
        Time.Advance(TimeSpan.FromSeconds(10));

        Assert.Equal(0, (await audit.WaitAsync(Soon, Cancel)).Unaccounted);
        Assert.Equal("", await RunAsync("HGET P:meta audited"));
    }

    /// <summary>Something of each kind.</summary>
    private async Task FillAsync()
    {
        await SettleAsync((await AcceptAsync(Request("delivered"))).Leased[0], DeliveryState.Delivered);
        await SettleAsync((await AcceptAsync(Request("dead"))).Leased[0], DeliveryState.Dead);
        await AcceptAsync(Request("due", lease: false));
        await AcceptAsync(Request("unrouted", to: []));
        await AcceptAsync(Request("head", lease: false, key: "k2", ordered: true));
        await AcceptAsync(Request("waits", key: "k2", ordered: true));
        await AcceptAsync(Request("leased"));
        await HoldAsync("first", number: 1);
        await HoldAsync("second", number: 2);
        await ReleaseAsync(Merged(3, takesIn: [1, 2]), refers: [3]);
        await HoldAsync("third", number: 4);
        await ReplayAllAsync(Store);
        await SettleAsync((await AcceptAsync(Request("blocks", key: "k3", ordered: true))).Leased[0], DeliveryState.Dead, blocks: true);
        await AcceptAsync(Request("behind", key: "k3", ordered: true));
    }

    /// <summary>Changes events old and new in every way there is.</summary>
    private async Task WriteAsync(IEventStore store, string id, int turn)
    {
        var request = Request(id, to: ["jira", "slack"], key: $"k{turn % 7}", ordered: turn % 3 == 0);
        var accepted = (AcceptResult.Accepted)await store.AcceptAsync(request);
        foreach (var delivery in accepted.Leased)
            store.Settle(Settlement(delivery, (DeliveryState)(turn % 4), TimeSpan.Zero));

        LeaseRequest[] lanes = [new("jira", 5, 1_000_000), new("slack", 5, 1_000_000), new("jira", 5, 1_000_000, Bulk: true)];
        foreach (var delivery in (await store.LeaseAsync(lanes, Cancel)).SelectMany(lane => lane.Deliveries))
            store.Settle(Settlement(delivery, turn % 5 == 0 ? DeliveryState.Dead : DeliveryState.Delivered) with { Blocks = turn % 2 == 0 });

        await store.ReplayAsync(new ReplayRequest(accepted.Event.Id, ["jira"], default), Cancel);
        if (turn % 20 == 5)
            await store.ReleaseBlockedAsync(["jira"], Cancel);

        if (turn % 40 == 10)
            await ReplayAllAsync(store);
    }

    private static async Task ReplayAllAsync(IEventStore store)
    {
        var request = new BulkReplayRequest { Filter = new EventFilter(), Destinations = ["jira"] };
        var begun = await store.BeginBulkReplayAsync(request, Cancel);
        for (var pages = 0; pages < 3 && await store.ReadBulkReplayAsync(begun.Id, 100, Cancel) is { } page; pages++)
        {
            await store.StepBulkReplayAsync(
                new BulkReplayStep(begun.Id, page.From, page.Next, [.. page.Events.Select(e => new BulkReplayEvent(e.Id, ["jira"], default))]),
                Cancel);
        }

        await store.EndBulkReplayAsync(begun.Id, failure: null, Cancel);
    }

    /// <summary>Runs a command; <c>P</c> is the partition's tag, <c>''</c> an empty text.</summary>
    private async Task<string> RunAsync(string command)
    {
        await using var client = await ConnectionMultiplexer.ConnectAsync(_engine.Options.Connection);
        var words = command.Split(' ').Select(word => word == "''" ? "" : word)
            .Select(word => word.StartsWith("P:", StringComparison.Ordinal) ? $"{{{_engine.Options.Prefix}:0}}{word[1..]}" : word);
        return (string?)await client.GetDatabase().ExecuteAsync(words.First(), [.. words.Skip(1)]) ?? "";
    }
}
