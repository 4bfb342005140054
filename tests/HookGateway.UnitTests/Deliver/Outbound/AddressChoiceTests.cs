using HookGateway.Testing;
using HookGateway.Testing.Downstream;
using Xunit;

namespace HookGateway.UnitTests.Deliver.Outbound;

/// <summary>Several addresses of one destination, over real sockets.</summary>
public sealed class AddressChoiceTests : IAsyncLifetime
{
    private Receiver _a = null!;
    private Receiver _b = null!;

    public async ValueTask InitializeAsync() => (_a, _b) = (await Receiver.StartAsync(), await Receiver.StartAsync());

    public async ValueTask DisposeAsync()
    {
        await _a.DisposeAsync();
        await _b.DisposeAsync();
    }

    [Theory]
    [InlineData("RoundRobin", 2, 2)]
    [InlineData("FirstAlphabetical", 4, 0)]
    public async Task Send_Policy_DecidesWhoGetsIt(string policy, int first, int second)
    {
        await using var outbox = Of($"loadBalancing: {policy}");

        await SendAsync(outbox, 4);

        Assert.Equal((first, second), (_a.Arrivals.Count, _b.Arrivals.Count));
    }

    [Theory]
    [InlineData("LeastRequests")]
    [InlineData("PowerOfTwoChoices")]
    public async Task Send_OneAddressIsBusy_TheOtherGetsIt(string policy)
    {
        var gate = new TaskCompletionSource();
        foreach (var receiver in new[] { _a, _b })
            receiver.AnswerWith(arrival => arrival.Number == 1 && _a.Arrivals.Count + _b.Arrivals.Count == 1 ? Answer.When(gate.Task) : Answer.Ok);
        await using var outbox = Of($"loadBalancing: {policy}");

        var busy = outbox.SendAsync();
        await Wait.UntilAsync(() => _a.Arrivals.Count + _b.Arrivals.Count == 1, "the first");
        await SendAsync(outbox, 4);
        gate.SetResult();
        await busy;

        Assert.Equal([1, 4], new[] { _a.Arrivals.Count, _b.Arrivals.Count }.Order());

        // The counts have gone down again: both are as good as before.
        _a.AnswerWith(_ => Answer.Ok);
        _b.AnswerWith(_ => Answer.Ok);
        await SendAsync(outbox, 40);
        Assert.All(new[] { _a, _b }, receiver => Assert.True(receiver.Arrivals.Count >= 1));
    }

    [Fact]
    public async Task Send_PassiveAndOneIsGone_IsPassedOverAfterOneFailure()
    {
        await _a.GoAsync();
        await using var outbox = Of("loadBalancing: FirstAlphabetical\nhealth: { passive: true }");

        Assert.False((await outbox.SendAsync()).Succeeded);
        await Wait.UntilAsync(async () => (await outbox.SendAsync()).Succeeded, "the other address");
        await SendAsync(outbox, 3);

        Assert.Equal(4, _b.Arrivals.Count);
    }

    [Fact]
    public async Task Send_PassiveAndAStatus_IsNoReasonToPassOver()
    {
        _a.AnswerWith(_ => Answer.Status(500));
        await using var outbox = Of("loadBalancing: FirstAlphabetical\nhealth: { passive: true }");

        await SendAsync(outbox, 3);

        Assert.Equal((3, 0), (_a.Arrivals.Count, _b.Arrivals.Count));
    }

    [Fact]
    public async Task Send_NotPassive_KeepsToThePolicy()
    {
        await _a.GoAsync();
        await using var outbox = Of("loadBalancing: FirstAlphabetical");

        await SendAsync(outbox, 3);

        Assert.Empty(_b.Arrivals);
    }

    [Fact]
    public async Task Send_AllPassedOver_AllAreTriedAgain()
    {
        await _a.GoAsync();
        await _b.GoAsync();
        await using var outbox = Of("loadBalancing: RoundRobin\nhealth: { passive: true }");
        await SendAsync(outbox, 4);
        await _a.ReturnAsync();
        await _b.ReturnAsync();

        await Wait.UntilAsync(async () => (await outbox.SendAsync()).Succeeded, "an attempt");
    }

    [Fact]
    public async Task Send_ActiveCheckFails_TheAddressGetsNothingUntilItIsWell()
    {
        var isWell = false;
        _a.AnswerWith(arrival => arrival.Path != "/up" || Volatile.Read(ref isWell) ? Answer.Ok : Answer.Status(503));
        await using var outbox = Of("loadBalancing: FirstAlphabetical\nhealth: { active: { path: /up, interval: 100ms, timeout: 5s } }");

        await Wait.UntilAsync(
            async () =>
            {
                await outbox.SendAsync();
                return Events(_b) > 0;
            },
            "an attempt at the other address");
        var before = Events(_a);
        await SendAsync(outbox, 3);
        Assert.Equal(before, Events(_a));

        Volatile.Write(ref isWell, true);
        await Wait.UntilAsync(
            async () =>
            {
                await outbox.SendAsync();
                return Events(_a) > before;
            },
            "an attempt at the address that is well again");
        Assert.All(_a.Arrivals.Where(arrival => arrival.Path == "/up"), arrival => Assert.Equal("GET", arrival.Method));
    }

    private static int Events(Receiver receiver) => receiver.Arrivals.Count(arrival => arrival.Path == "/hooks");

    private static async Task SendAsync(Outbox outbox, int count)
    {
        for (var i = 0; i < count; i++)
            await outbox.SendAsync();
    }

    private Outbox Of(string more) => Outbox.Of($"urls: [\"{_a.Url}\", \"{_b.Url}\"]\nbreaker: {{ minimum: 1000 }}\n{more}");
}
