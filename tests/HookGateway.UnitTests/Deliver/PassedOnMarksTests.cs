using HookGateway.Deliver;
using HookGateway.Events;
using HookGateway.Store;
using HookGateway.Testing;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace HookGateway.UnitTests.Deliver;

/// <summary>Which repeats are passed on, and which are not.</summary>
public sealed class PassedOnMarksTests
{
    private static readonly TimeSpan Window = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);
    private static readonly DedupeKey Key = new(1);

    private readonly FakeTimeProvider _time = new();
    private readonly PassedOnMarks _marks;

    public PassedOnMarksTests() => _marks = new PassedOnMarks(Window, SteadyTimeProvider.Of(_time));

    [Theory]
    [InlineData(200)]
    [InlineData(299)]
    public async Task Repeat_OfOneThatWasAnswered_IsToldTheFirstOne(int status)
    {
        var first = NewId();
        var answer = Answered(status);

        Assert.Same(answer, await PassAsync(first, answer));
        Assert.Equal(new ForwardResult.Repeat(first), await PassAsync(NewId(), Answered(200)));
        Assert.IsType<ForwardResult.Ended>(await PassAsync(NewId(), Answered(200), key: 2));
    }

    public static TheoryData<string> NoAnswers => ["307", "401", "429", "500", "503", "unreachable", "broke off", "parked", "too many", "caller gone"];

    [Theory]
    [MemberData(nameof(NoAnswers))]
    public async Task Repeat_OfOneWithoutAGoodAnswer_IsPassedOn(string ending)
    {
        await PassAsync(NewId(), ending switch
        {
            "unreachable" => new ForwardResult.Ended(new AttemptResult(null, DeliveryError.Connect, null, null)),
            "broke off" => new ForwardResult.Ended(new AttemptResult(200, DeliveryError.None, null, null), "it broke off"),
            "parked" => new ForwardResult.Parked(Patience),
            "too many" => new ForwardResult.TooMany(),
            "caller gone" => new ForwardResult.CallerGone(),
            _ => Answered(int.Parse(ending, System.Globalization.CultureInfo.InvariantCulture)),
        });
        var second = Answered(200);

        Assert.Same(second, await Wait.ForAsync(PassAsync(NewId(), second), "the repeat"));
    }

    [Fact]
    public async Task Repeat_AfterAFaultOfTheGatewaysOwn_IsPassedOn()
    {
        await Assert.ThrowsAsync<InvalidOperationException>(
            () => _marks.PassOnceAsync(Key, NewId(), Patience, () => throw new InvalidOperationException(), Gone()));
        var second = Answered(200);

        Assert.Same(second, await Wait.ForAsync(PassAsync(NewId(), second), "the repeat"));
    }

    [Fact]
    public async Task Repeat_AfterTheWindow_IsPassedOn()
    {
        await PassAsync(NewId(), Answered(200));
        _time.Advance(Window - TimeSpan.FromTicks(1));
        Assert.IsType<ForwardResult.Repeat>(await PassAsync(NewId(), Answered(200)));
        _time.Advance(TimeSpan.FromTicks(1));
        var again = NewId();

        Assert.IsType<ForwardResult.Ended>(await PassAsync(again, Answered(200)));
        Assert.Equal(new ForwardResult.Repeat(again), await PassAsync(NewId(), Answered(200)));
    }

    [Fact]
    public async Task Repeat_WhileTheFirstIsUnderWay_WaitsForItsAnswer()
    {
        var end = new TaskCompletionSource<ForwardResult>();
        var id = NewId();
        var first = _marks.PassOnceAsync(Key, id, Patience, () => end.Task, Gone());
        var second = PassAsync(NewId(), Answered(200));
        Assert.False(second.IsCompleted);

        end.SetResult(Answered(201));

        Assert.Equal(new ForwardResult.Repeat(id), await Wait.ForAsync(second, "the repeat"));
        Assert.IsType<ForwardResult.Ended>(await first);
    }

    [Fact]
    public async Task Repeats_WhileTheFirstFails_GoOneAfterTheOther()
    {
        var (end, secondEnd) = (new TaskCompletionSource<ForwardResult>(), new TaskCompletionSource<ForwardResult>());
        var first = _marks.PassOnceAsync(Key, NewId(), Patience, () => end.Task, Gone());
        var passed = 0;
        var ids = new[] { NewId(), NewId() };
        Task<ForwardResult>[] repeats = [.. ids.Select(id => _marks.PassOnceAsync(
            Key, id, Patience,
            () =>
            {
                Interlocked.Increment(ref passed);
                return secondEnd.Task;
            },
            Gone()))];

        end.SetResult(Answered(502));
        await Wait.UntilAsync(() => Volatile.Read(ref passed) == 1, "one of the repeats to be passed on");
        secondEnd.SetResult(Answered(200));
        var results = await Wait.ForAsync(Task.WhenAll(repeats), "both repeats");

        Assert.Equal(1, passed);
        var passedOn = Array.FindIndex(results, result => result is ForwardResult.Ended);
        Assert.Equal(new ForwardResult.Repeat(ids[passedOn]), results[1 - passedOn]);
        await first;
    }

    [Fact]
    public async Task Repeat_WhileTheFirstTakesTooLong_StopsWaiting()
    {
        var end = new TaskCompletionSource<ForwardResult>();
        var first = _marks.PassOnceAsync(Key, NewId(), Patience, () => end.Task, Gone());
        var second = PassAsync(NewId(), Answered(200));

        _time.Advance(Patience);

        Assert.IsType<ForwardResult.StillUnderWay>(await Wait.ForAsync(second, "the repeat"));
        end.SetResult(Answered(200));
        await first;
    }

    [Fact]
    public async Task Repeat_WhoseCallerGoes_StopsWaiting()
    {
        var end = new TaskCompletionSource<ForwardResult>();
        var first = _marks.PassOnceAsync(Key, NewId(), Patience, () => end.Task, Gone());
        using var gone = new CancellationTokenSource();
        var second = PassAsync(NewId(), Answered(200), callerGone: gone.Token);

        await gone.CancelAsync();

        Assert.IsType<ForwardResult.CallerGone>(await Wait.ForAsync(second, "the repeat"));
        end.SetResult(Answered(200));
        await first;
    }

    [Fact]
    public async Task Marks_MoreThanMayBe_TheOldestGoes()
    {
        for (var i = 0; i <= PassedOnMarks.Most; i++)
            await PassAsync(NewId(), Answered(200), i);

        Assert.Equal(PassedOnMarks.Most, _marks.Count);
        Assert.IsType<ForwardResult.Repeat>(await PassAsync(NewId(), Answered(200)));
        Assert.IsType<ForwardResult.Ended>(await PassAsync(NewId(), Answered(200), key: 0));
        _time.Advance(Window);
        await PassAsync(NewId(), Answered(500));
        Assert.Equal(0, _marks.Count);
    }

    private Task<ForwardResult> PassAsync(EventId id, ForwardResult result, int key = 1, CancellationToken? callerGone = null) =>
        _marks.PassOnceAsync(new DedupeKey((UInt128)key), id, Patience, () => Task.FromResult(result), callerGone ?? Gone());

    private static ForwardResult.Ended Answered(int status) => new ForwardResult.Ended(
        new AttemptResult(status, status < 300 ? DeliveryError.None : DeliveryError.Status, null, null));

    private static EventId NewId() => new(Guid.NewGuid());

    private static CancellationToken Gone() => TestContext.Current.CancellationToken;
}
