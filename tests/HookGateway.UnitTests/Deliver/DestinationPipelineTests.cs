using System.Net;
using HookGateway.Configuration;
using HookGateway.Deliver;
using HookGateway.Events;
using HookGateway.Store;
using HookGateway.Testing;
using Microsoft.Extensions.Time.Testing;
using Xunit;
using Yarp.ReverseProxy.Configuration;
using Yarp.ReverseProxy.Model;

namespace HookGateway.UnitTests.Deliver;

/// <summary>An attempt's time limit, and the breaker around it.</summary>
public sealed class DestinationPipelineTests : IDisposable
{
    private static readonly DestinationConfiguration Destination = new()
    {
        Name = "d",
        Url = new Uri("http://d/"),
        Timeout = TimeSpan.FromSeconds(3),
        Breaker = new BreakerConfiguration { Minimum = 4, Pause = TimeSpan.FromSeconds(20) },
    };

    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));
    private readonly SettableClock _machine;
    private readonly Downstream _downstream = new();
    private readonly HttpMessageInvoker _client;
    private readonly DestinationPipeline _pipeline;

    public DestinationPipelineTests()
    {
        _machine = new SettableClock(_time);
        _client = new HttpMessageInvoker(_downstream);
        var cluster = new ClusterState("d", new ClusterModel(new ClusterConfig { ClusterId = "d" }, _client));
        var address = new DestinationState("url", new DestinationModel(new DestinationConfig { Address = "http://d/" }));
        cluster.DestinationsState = new ClusterDestinationsState([address], [address]);
        _pipeline = new DestinationPipeline(Destination, DestinationSenderTests.SenderOf(Destination, cluster, _time), new SteadyTimeProvider(_machine));
    }

    public void Dispose()
    {
        _client.Dispose();
        _downstream.Dispose();
    }

    [Fact]
    public async Task Attempt_NoAnswer_EndsAtTheTimeoutAndNotBefore()
    {
        _downstream.Answer = Downstream.NeverAsync;
        var attempt = AttemptAsync();

        _time.Advance(Destination.Timeout - TimeSpan.FromMilliseconds(1));
        Assert.False(attempt.IsCompleted);
        _time.Advance(TimeSpan.FromMilliseconds(1));

        Assert.Equal(DeliveryError.Timeout, (await MadeAsync(attempt)).Error);
    }

    [Fact]
    public async Task Attempt_AnswerThatNeverEnds_EndsAtTheTimeoutAndItsStatusStands()
    {
        using var never = new NeverEnding();
        _downstream.Answer = _ => Task.FromResult(new HttpResponseMessage { Content = new StreamContent(never) });
        var attempt = AttemptAsync();

        Assert.False(attempt.IsCompleted);
        _time.Advance(Destination.Timeout);

        Assert.True((await MadeAsync(attempt)).Succeeded);
    }

    [Fact]
    public async Task Attempt_CutOff_IsNotCounted()
    {
        _downstream.Answer = Downstream.NeverAsync;
        using var cutOff = new CancellationTokenSource();
        var attempt = AttemptUntilAsync(cutOff.Token);

        await cutOff.CancelAsync();

        Assert.IsType<PipelineResult.CutOff>(await attempt);
    }

    [Fact]
    public async Task Breaker_EnoughFailures_SendsNothingUntilTheProbeSucceeds()
    {
        await FailAsync(Destination.Breaker.Minimum, 503);

        Assert.Equal(Destination.Breaker.Pause, Assert.IsType<PipelineResult.Parked>(await AttemptAsync()).For);
        Assert.Equal(Destination.Breaker.Minimum, _downstream.Requests);
        Assert.Equal(2, _pipeline.BreakerState);

        _time.Advance(Destination.Breaker.Pause);
        _downstream.Answer = Downstream.With(200);
        Assert.True((await MadeAsync(AttemptAsync())).Succeeded);
        Assert.Equal(0, _pipeline.BreakerState);
        Assert.True((await MadeAsync(AttemptAsync())).Succeeded);
    }

    [Fact]
    public async Task Breaker_TheProbeFails_StaysOpen()
    {
        await FailAsync(Destination.Breaker.Minimum, 503);
        _time.Advance(Destination.Breaker.Pause);

        await FailAsync(1, 503);

        Assert.IsType<PipelineResult.Parked>(await AttemptAsync());
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(-24 * 30)]
    [InlineData(24 * 30)]
    public async Task Breaker_ClockSetWhileItIsOpen_ProbesAfterThePauseAtTheLatest(int hours)
    {
        await FailAsync(Destination.Breaker.Minimum, 503);
        _machine.SetBy(TimeSpan.FromHours(hours));

        _time.Advance(Destination.Breaker.Pause);
        _downstream.Answer = Downstream.With(200);

        Assert.True((await MadeAsync(AttemptAsync())).Succeeded);
        Assert.Equal(0, _pipeline.BreakerState);
    }

    [Fact]
    public async Task Breaker_TimeoutsOnly_Opens()
    {
        _downstream.Answer = Downstream.NeverAsync;
        var attempts = Enumerable.Range(0, Destination.Breaker.Minimum).Select(_ => AttemptAsync()).ToArray();
        _time.Advance(Destination.Timeout);
        await Task.WhenAll(attempts);

        Assert.IsType<PipelineResult.Parked>(await AttemptAsync());
    }

    [Fact]
    public async Task Breaker_RefusalsOfTheEventsThemselves_StaysClosed()
    {
        await FailAsync(3 * Destination.Breaker.Minimum, 422);

        Assert.Equal(0, _pipeline.BreakerState);
    }

    [Fact]
    public async Task Breaker_TheProbeIsCutOff_StaysOpen()
    {
        await FailAsync(Destination.Breaker.Minimum, 503);
        _time.Advance(Destination.Breaker.Pause);
        _downstream.Answer = Downstream.NeverAsync;
        using var cutOff = new CancellationTokenSource();
        var probe = AttemptUntilAsync(cutOff.Token);
        await Wait.UntilAsync(() => _downstream.Requests > Destination.Breaker.Minimum, "the probe to be sent");

        await cutOff.CancelAsync();

        Assert.IsType<PipelineResult.CutOff>(await probe);
        Assert.IsType<PipelineResult.Parked>(await AttemptAsync());
    }

    [Fact]
    public async Task OpenHere_BreakerOpensProbesAndCloses_TellsOthersForHowLong()
    {
        var changes = 0;
        _pipeline.Shared.Changed = () => Interlocked.Increment(ref changes);
        Assert.Null(_pipeline.Shared.OpenHere);
        await FailAsync(Destination.Breaker.Minimum, 503);
        Assert.Equal(Destination.Breaker.Pause, _pipeline.Shared.OpenHere);
        await Wait.UntilAsync(() => Volatile.Read(ref changes) == 1, "the opening to be said");

        _time.Advance(Destination.Breaker.Pause / 2);
        Assert.Equal(Destination.Breaker.Pause / 2, _pipeline.Shared.OpenHere);
        _time.Advance(Destination.Breaker.Pause / 2);
        Assert.Equal(TimeSpan.Zero, _pipeline.Shared.OpenHere);
        var answer = new TaskCompletionSource<HttpResponseMessage>();
        _downstream.Answer = _ => answer.Task;
        var probe = AttemptAsync();
        _time.Advance(Destination.Timeout / 2);
        Assert.Equal(TimeSpan.Zero, _pipeline.Shared.OpenHere);
        answer.SetResult(new HttpResponseMessage(HttpStatusCode.OK));
        Assert.True((await MadeAsync(probe)).Succeeded);

        Assert.Null(_pipeline.Shared.OpenHere);
        await Wait.UntilAsync(() => Volatile.Read(ref changes) == 2, "the closing to be said");
    }

    [Fact]
    public async Task OpenHere_TheProbeTimesOut_IsToldAllTheTime()
    {
        await FailAsync(Destination.Breaker.Minimum, 503);
        await OpeningIsSaidAsync();
        _time.Advance(Destination.Breaker.Pause);
        var probe = await ProbeWithoutAnswerAsync();
        _time.Advance(Destination.Timeout);

        Assert.Equal(DeliveryError.Timeout, (await MadeAsync(probe)).Error);
        Assert.Equal(Destination.Breaker.Pause, _pipeline.Shared.OpenHere);
    }

    [Fact]
    public async Task OpenHere_NothingToProbeWith_KeepsNobodyFromTrying()
    {
        await FailAsync(Destination.Breaker.Minimum, 503);
        await OpeningIsSaidAsync();

        _time.Advance(Destination.Breaker.Pause + TimeSpan.FromSeconds(5));

        Assert.Null(_pipeline.Shared.OpenHere);
    }

    [Fact]
    public async Task OpenHere_OpenedWhileAnotherOnesWas_IsNotToldUntilItOpensAnew()
    {
        await FailAsync(Destination.Breaker.Minimum, 503);
        await OpeningIsSaidAsync();
        _pipeline.Shared.OpenElsewhere(TimeSpan.FromSeconds(1));
        Assert.Null(_pipeline.Shared.OpenHere);

        // The other one found that it answers: this one's own breaker is over soon, and no matter of others'.
        Assert.True(_pipeline.Shared.TryCloseElsewhere());
        Assert.Null(_pipeline.Shared.OpenHere);
        _time.Advance(Destination.Breaker.Pause);
        var probe = await ProbeWithoutAnswerAsync();
        Assert.Null(_pipeline.Shared.OpenHere);
        _time.Advance(Destination.Timeout);
        await MadeAsync(probe);

        await Wait.UntilAsync(() => _pipeline.Shared.OpenHere == Destination.Breaker.Pause, "it to be told");
    }

    [Fact]
    public async Task OpenElsewhere_UntilItCloses_SendsNothing()
    {
        var left = TimeSpan.FromSeconds(7);
        _pipeline.Shared.OpenElsewhere(left);
        Assert.Equal(2, _pipeline.BreakerState);
        Assert.Equal(left + Destination.Timeout, Assert.IsType<PipelineResult.Parked>(await AttemptAsync()).For);
        Assert.Equal(left, Assert.IsType<PipelineResult.Parked>(await GuardAsync()).For);

        // The other one tries it now, which may take as long as an attempt.
        _time.Advance(left - TimeSpan.FromSeconds(1));
        _pipeline.Shared.OpenElsewhere(TimeSpan.Zero);
        Assert.Equal(Destination.Timeout, Assert.IsType<PipelineResult.Parked>(await GuardAsync()).For);
        Assert.Equal(0, _downstream.Requests);

        // Twice, for who was told to wait may begin to between the two.
        Assert.True(_pipeline.Shared.TryCloseElsewhere());
        Assert.True(_pipeline.Shared.TryCloseElsewhere());
        Assert.False(_pipeline.Shared.TryCloseElsewhere());
        Assert.True((await MadeAsync(AttemptAsync())).Succeeded);
        Assert.Null(_pipeline.Shared.OpenHere);
    }

    [Fact]
    public async Task OpenElsewhere_NotHeardOfAnyMore_Lapses()
    {
        _pipeline.Shared.OpenElsewhere(TimeSpan.Zero);
        _time.Advance(TimeSpan.FromSeconds(5) - TimeSpan.FromMilliseconds(1));
        Assert.IsType<PipelineResult.Parked>(await AttemptAsync());

        _time.Advance(TimeSpan.FromMilliseconds(1));

        Assert.True((await MadeAsync(AttemptAsync())).Succeeded);
        Assert.Equal(0, _pipeline.BreakerState);
    }

    [Theory]
    [InlineData(429, "7", 7.0)]
    [InlineData(503, "7", 7.0)]
    [InlineData(503, "Thu, 01 Jan 2026 00:01:30 GMT", 90.0)]
    [InlineData(503, "soon", null)]
    [InlineData(500, "7", null)]
    public async Task RetryAfter_InEitherForm_IsReadOf429And503(int status, string value, double? seconds)
    {
        _downstream.Answer = Downstream.With(status, value);

        Assert.Equal(seconds, (await MadeAsync(AttemptAsync())).RetryAfter?.TotalSeconds);
    }

    [Theory]
    [InlineData("00:00:00.010", "00:00:00.500")]
    [InlineData("01:00:00", "1.00:00:00")]
    public void Pipeline_LeastAndMostThatTheConfigurationAllows_CanBeBuilt(string timeout, string breaker)
    {
        using var client = new HttpMessageInvoker(new HttpClientHandler());
        var destination = Destination with
        {
            Timeout = TimeSpan.Parse(timeout, null),
            Breaker = new BreakerConfiguration { Window = TimeSpan.Parse(breaker, null), Pause = TimeSpan.Parse(breaker, null) },
        };

        var sender = DestinationSenderTests.SenderOf(destination, DestinationSenderTests.ClusterOf(client), _time);
        Assert.Equal(0, new DestinationPipeline(destination, sender, new SteadyTimeProvider(_machine)).BreakerState);
    }

    private Task<PipelineResult> AttemptAsync() => AttemptUntilAsync(TestContext.Current.CancellationToken);

    // It is under way once this completes; the task within ends with it.
    private async Task<Task<PipelineResult>> ProbeWithoutAnswerAsync()
    {
        var before = _downstream.Requests;
        _downstream.Answer = Downstream.NeverAsync;
        var probe = AttemptAsync();
        await Wait.UntilAsync(() => _downstream.Requests > before, "the probe to be sent");
        return probe;
    }

    private async Task OpeningIsSaidAsync()
    {
        await Wait.UntilAsync(
            () =>
            {
                _time.Advance(TimeSpan.FromMilliseconds(1));
                return _pipeline.Shared.OpenHere < Destination.Breaker.Pause;
            },
            "the opening to be said");
    }

    private Task<PipelineResult> GuardAsync() => _pipeline.GuardAsync(
        _ => new ValueTask<AttemptResult>(new AttemptResult(200, DeliveryError.None, null, null)), TestContext.Current.CancellationToken).AsTask();

    private Task<PipelineResult> AttemptUntilAsync(CancellationToken cutOff) =>
        _pipeline.AttemptAsync(LaneTests.NewDelivery(), 1, span: null, cutOff).AsTask();

    private static async Task<AttemptResult> MadeAsync(Task<PipelineResult> attempt) =>
        Assert.IsType<PipelineResult.Made>(await attempt.WaitAsync(Wait.DefaultLimit, TestContext.Current.CancellationToken)).Result;

    private async Task FailAsync(int times, int status)
    {
        _downstream.Answer = Downstream.With(status);
        for (var i = 0; i < times; i++)
            Assert.Equal(status, (await MadeAsync(AttemptAsync())).StatusCode);
    }

    private sealed class Downstream : HttpMessageHandler
    {
        public Func<CancellationToken, Task<HttpResponseMessage>> Answer { get; set; } = With(200);

        public int Requests { get; private set; }

        public static Func<CancellationToken, Task<HttpResponseMessage>> With(int status, string? retryAfter = null) => _ =>
        {
            var answer = new HttpResponseMessage((HttpStatusCode)status);
            if (retryAfter is not null)
                answer.Headers.TryAddWithoutValidation("Retry-After", retryAfter);

            return Task.FromResult(answer);
        };

        public static async Task<HttpResponseMessage> NeverAsync(CancellationToken cancellationToken)
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellationToken);
            throw new InvalidOperationException();
        }

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            Requests++;
            return Answer(cancellationToken);
        }
    }

    /// <summary>A body of which nothing ever comes.</summary>
    private sealed class NeverEnding : MemoryStream
    {
        // Else its length, none, would be the content's.
        public override bool CanSeek => false;

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellationToken);
            return 0;
        }
    }
}
