using HookGateway.SysAid;
using HookGateway.Testing.SysAid;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace HookGateway.UnitTests.SysAid;

public sealed class RateBudgetTests
{
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));
    private readonly RateBudget _budget;
    private TimeSpan? _waits;

    public RateBudgetTests() => _budget = new RateBudget(_time);

    [Theory]
    [InlineData(RateReset.EpochSeconds)]
    [InlineData(RateReset.SecondsRemaining)]
    public async Task Send_MoreThanTheLimit_WaitsForTheNextWindowAndIsNeverRefused(RateReset reset)
    {
        await using var opened = await OpenedApi.StartAsync();
        (opened.Fake.RateLimit, opened.Fake.RateReset) = (5, reset);

        for (var i = 0; i < 22; i++)
            await opened.ListAsync();

        // The token counts too.
        Assert.Equal((0, 22), (opened.Fake.RefusedByLimit, opened.Requests.Count));
        Assert.Equal(4, opened.Time.Waits.Count);
        Assert.All(opened.Time.Waits, wait => Assert.InRange(wait, TimeSpan.FromMinutes(5), TimeSpan.FromSeconds(302)));
        Assert.StartsWith("SysAid's limit of requests is reached: waiting 30", opened.Told[0]);
    }

    [Fact]
    public async Task Send_SomebodyElseUsedTheLimitUp_WaitsOnceRefused()
    {
        await using var opened = await OpenedApi.StartAsync();
        await opened.ListAsync();
        opened.Fake.UseRateLimit(998);

        await opened.SubscribeAsync();

        Assert.Equal((1, 2), (opened.Fake.RefusedByLimit, opened.TokenRequests + opened.Fake.Subscriptions.Count));
    }

    [Fact]
    public async Task Enter_NothingIsTold_HoldsToWhatIsDocumented()
    {
        for (var i = 0; i < RateBudget.DocumentedLimit; i++)
            await EnterAsync();

        var one = Start();
        Assert.Equal(RateBudget.DocumentedWindow, _waits);
        _time.Advance(RateBudget.DocumentedWindow - TimeSpan.FromSeconds(1));
        Assert.False(one.IsCompleted);
        _time.Advance(TimeSpan.FromSeconds(1));
        await one;
    }

    [Fact]
    public async Task Enter_ManyUnderWay_CountsThoseThatTheAnswerCannotHaveCounted()
    {
        for (var i = 0; i < 10; i++)
            await EnterAsync();

        // The first answer: nine others may come on top of what it knows.
        _budget.Leave(new RateLimitHeaders(100, 11, TimeSpan.FromSeconds(60)));

        await EnterAsync();
        await EnterAsync();
        Assert.False(Start().IsCompleted);
    }

    [Fact]
    public async Task Leave_AnswersThatOvertakeEachOther_DoNotGiveBack()
    {
        await EnterAsync();
        await EnterAsync();
        _budget.Leave(new RateLimitHeaders(100, 0, TimeSpan.FromSeconds(60)));
        _budget.Leave(new RateLimitHeaders(100, 1, TimeSpan.FromSeconds(60)));

        Assert.False(Start().IsCompleted);
        Assert.Equal(TimeSpan.FromSeconds(61), _waits);
    }

    [Fact]
    public async Task Leave_LaterEnd_IsAnotherWindow()
    {
        await EnterAsync();
        _budget.Leave(new RateLimitHeaders(100, 0, TimeSpan.FromSeconds(60)));
        _time.Advance(TimeSpan.FromSeconds(61));
        await EnterAsync();
        _budget.Leave(new RateLimitHeaders(2, 1, TimeSpan.FromSeconds(400)));

        await EnterAsync();
        Assert.False(Start().IsCompleted);
    }

    [Fact]
    public async Task Leave_ResetFarAhead_IsNotWaitedForWithoutEnd()
    {
        await EnterAsync();
        _budget.Leave(new RateLimitHeaders(100, 0, TimeSpan.FromDays(1)));

        _ = Start();
        Assert.Equal(RateBudget.LongestWait + TimeSpan.FromSeconds(1), _waits);
    }

    private ValueTask EnterAsync()
    {
        var entering = Start();
        Assert.True(entering.IsCompletedSuccessfully);
        return new ValueTask(entering);
    }

    private Task Start() => _budget.EnterAsync(wait => _waits = wait, TestContext.Current.CancellationToken).AsTask();
}
