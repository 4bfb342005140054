using HookGateway.Store;
using HookGateway.Testing;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace HookGateway.UnitTests.Store;

public sealed class SteadyTimeProviderTests
{
    private static readonly DateTimeOffset Noon = new(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    private readonly FakeTimeProvider _time = new(Noon);
    private readonly SettableClock _machine;
    private readonly SteadyTimeProvider _steady;

    public SteadyTimeProviderTests()
    {
        _machine = new SettableClock(_time);
        _steady = new SteadyTimeProvider(_machine);
    }

    [Fact]
    public void GetUtcNow_ClockIsNotSet_IsTheMachines()
    {
        Assert.Equal(Noon, _steady.GetUtcNow());
        _time.Advance(Minute);

        Assert.Equal(Noon + Minute, _steady.GetUtcNow());
        Assert.Equal(TimeSpan.Zero, _steady.Ahead);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(24 * 365)]
    public void GetUtcNow_SetBack_GoesOnFromWhereItWas(int hours)
    {
        Assert.Equal(Noon, _steady.GetUtcNow());

        _machine.SetBy(TimeSpan.FromHours(-hours));
        Assert.Equal(Noon, _steady.GetUtcNow());
        _time.Advance(Minute);

        Assert.Equal(Noon + Minute, _steady.GetUtcNow());
        Assert.Equal(TimeSpan.FromHours(hours), _steady.Ahead);
    }

    [Fact]
    public void GetUtcNow_SetForward_Follows()
    {
        Assert.Equal(Noon, _steady.GetUtcNow());

        _machine.SetBy(TimeSpan.FromDays(2));

        Assert.Equal(Noon.AddDays(2), _steady.GetUtcNow());
        Assert.Equal(TimeSpan.Zero, _steady.Ahead);
    }

    [Fact]
    public void GetUtcNow_SetBackAndThenRight_IsTheMachinesAgain()
    {
        Assert.Equal(Noon, _steady.GetUtcNow());
        _machine.SetBy(-2 * Minute);
        _time.Advance(Minute);
        Assert.Equal(Noon + Minute, _steady.GetUtcNow());

        _machine.SetBy(3 * Minute);

        Assert.Equal(Noon + (2 * Minute), _steady.GetUtcNow());
        Assert.Equal(TimeSpan.Zero, _steady.Ahead);
    }

    [Fact]
    public void NotBefore_LaterThanTheClock_GoesOnFromThere()
    {
        _steady.NotBefore(Noon.AddHours(3));
        _time.Advance(Minute);

        Assert.Equal(Noon.AddHours(3) + Minute, _steady.GetUtcNow());
        Assert.Equal(TimeSpan.FromHours(3), _steady.Ahead);
    }

    [Fact]
    public void NotBefore_EarlierThanTheClock_ChangesNothing()
    {
        _steady.NotBefore(default);

        Assert.Equal(Noon, _steady.GetUtcNow());
    }

    [Fact]
    public void CreateTimer_ClockSetBack_RingsInTime()
    {
        var rang = 0;
        using var timer = _steady.CreateTimer(_ => rang++, null, Minute, Timeout.InfiniteTimeSpan);
        _machine.SetBy(TimeSpan.FromHours(-1));

        _time.Advance(Minute);

        Assert.Equal(1, rang);
    }
}
