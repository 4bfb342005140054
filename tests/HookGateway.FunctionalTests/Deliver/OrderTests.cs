using System.Globalization;
using HookGateway.Testing;
using HookGateway.Testing.Downstream;
using Xunit;

namespace HookGateway.FunctionalTests.Deliver;

/// <summary>Events of one key go one after the other, over real sockets.</summary>
public sealed class OrderTests(OrderedGateway fixture) : IClassFixture<OrderedGateway>
{
    [Fact]
    public async Task Order_HeadIsRetried_HoldsItsKeyBackAndArrivesFirst()
    {
        var refused = 3;
        fixture.Skipping.AnswerWith(_ => Interlocked.Decrement(ref refused) >= 0 ? Answer.Status(503) : Answer.Ok);
        var ids = await SendAsync("skipping", record: 1, count: 4);

        var arrivals = await ArrivalsAsync(fixture.Skipping, ids, count: 7);

        Assert.Equal([ids[0], ids[0], ids[0], .. ids], arrivals.Select(arrival => arrival.WebhookId));
        var sequences = arrivals.Select(Sequence).ToList();
        Assert.Equal(sequences.Order(), sequences);
        Assert.Equal(4, sequences.Distinct().Count());
    }

    [Fact]
    public async Task Order_OneKeyHangs_OtherKeysGoOn()
    {
        var gate = new TaskCompletionSource();
        fixture.Skipping.AnswerWith(_ => Answer.When(gate.Task));
        var slow = await SendAsync("skipping", record: 10, count: 2);
        await ArrivalsAsync(fixture.Skipping, slow, 1);

        fixture.Skipping.AnswerWith(_ => Answer.Ok);
        for (var record = 11; record < 20; record++)
        {
            var others = await SendAsync("skipping", record, count: 3);
            Assert.Equal(others, (await ArrivalsAsync(fixture.Skipping, others, 3)).Select(arrival => arrival.WebhookId));
        }

        Assert.DoesNotContain(fixture.Skipping.Arrivals, arrival => arrival.WebhookId == slow[1]);
        gate.SetResult();
        Assert.Equal(slow, (await ArrivalsAsync(fixture.Skipping, slow, 2)).Select(arrival => arrival.WebhookId));
    }

    [Fact]
    public async Task Order_MoreWaitThanALaneHolds_OtherKeysGoOn()
    {
        var gate = new TaskCompletionSource();
        fixture.Skipping.AnswerWith(_ => Answer.When(gate.Task));
        var slow = await SendAsync("skipping", record: 50, count: 1);
        await ArrivalsAsync(fixture.Skipping, slow, 1);
        var behind = await Task.WhenAll(Enumerable.Range(0, 300).Select(_ => fixture.SendAsync("skipping", record: 50)));

        fixture.Skipping.AnswerWith(_ => Answer.Ok);
        await ArrivalsAsync(fixture.Skipping, [await fixture.SendAsync("skipping", record: 51)], 1);

        gate.SetResult();
        await ArrivalsAsync(fixture.Skipping, behind, 300);
    }

    [Fact]
    public async Task OrderOnDead_Skip_TheNextGoes()
    {
        fixture.Skipping.AnswerWith(_ => Answer.Status(410));
        var ids = await SendAsync("skipping", record: 20, count: 3);

        var arrivals = await ArrivalsAsync(fixture.Skipping, ids, 3);

        Assert.Equal(ids, arrivals.Select(arrival => arrival.WebhookId));
    }

    [Fact]
    public async Task OrderOnDead_Block_StandsStillUntilTheDeadOneIsReplayed()
    {
        var ids = await BlockAsync(record: 30);
        Assert.Equal(1, await fixture.BlockedAsync());
        var behind = await fixture.EventAsync(ids[1]);
        Assert.Equal("accepted", (string?)behind["state"]);
        Assert.Equal(("pending", true), ((string?)behind["deliveries"]![0]!["state"], (bool?)behind["deliveries"]![0]!["waits"]));

        // Nothing changes that while the gateway is away, nor does what comes later.
        await fixture.StartAgainAsync("block");
        await ArrivalsAsync(fixture.Blocking, [await fixture.SendAsync("blocking", record: 31)], 1);
        Assert.Equal(1, await fixture.BlockedAsync());
        Assert.DoesNotContain(fixture.Blocking.Arrivals, arrival => arrival.WebhookId == ids[1]);

        await fixture.ReplayAsync(ids[0]);

        var arrivals = await ArrivalsAsync(fixture.Blocking, ids, 4);
        Assert.Equal([ids[0], .. ids], arrivals.Select(arrival => arrival.WebhookId));
        Assert.Equal(arrivals.Select(Sequence).Order(), arrivals.Select(Sequence));
        Assert.Equal(0, await fixture.BlockedAsync());
    }

    [Fact]
    public async Task OrderOnDead_FromBlockToSkip_LetsWhatWaitsGoAtTheStart()
    {
        var ids = await BlockAsync(record: 40);

        await fixture.StartAgainAsync("skip");

        var arrivals = await ArrivalsAsync(fixture.Blocking, ids, 3);
        Assert.Equal(ids, arrivals.Select(arrival => arrival.WebhookId));
        Assert.Equal(0, await fixture.BlockedAsync());
        await fixture.StartAgainAsync("block");
    }

    /// <summary>Sends three events of a record, the first of which is refused for good.</summary>
    private async Task<string[]> BlockAsync(int record)
    {
        fixture.Blocking.AnswerWith(_ => Answer.Status(410));
        var ids = await SendAsync("blocking", record, count: 3);
        await Wait.UntilAsync(async () => await fixture.BlockedAsync() == 1, "the key to be blocked");
        fixture.Blocking.AnswerWith(_ => Answer.Ok);
        return ids;
    }

    private async Task<string[]> SendAsync(string to, int record, int count)
    {
        var ids = new string[count];
        for (var i = 0; i < count; i++)
            ids[i] = await fixture.SendAsync(to, record);

        return ids;
    }

    private static async Task<IReadOnlyList<Arrival>> ArrivalsAsync(Receiver receiver, string[] ids, int count)
    {
        var all = await receiver.WaitForAsync(arrivals => arrivals.Count(arrival => ids.Contains(arrival.WebhookId)) >= count);
        return [.. all.Where(arrival => ids.Contains(arrival.WebhookId))];
    }

    private static long Sequence(Arrival arrival) => long.Parse(arrival.Header("X-HookGateway-Sequence")!, CultureInfo.InvariantCulture);
}
