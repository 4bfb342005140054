using System.Diagnostics;
using HookGateway.Configuration;
using HookGateway.Events;
using HookGateway.Store;
using Polly;
using Polly.CircuitBreaker;

namespace HookGateway.Deliver;

/// <summary>How an attempt went through its destination's pipeline. Closed: one of the nested kinds.</summary>
internal abstract record PipelineResult
{
    private PipelineResult()
    {
    }

    /// <summary>It was made.</summary>
    public sealed record Made(AttemptResult Result) : PipelineResult;

    /// <summary>The breaker is open: nothing was sent, and nothing is to be counted.</summary>
    /// <param name="For">How long until it may be tried.</param>
    public sealed record Parked(TimeSpan For) : PipelineResult;

    /// <summary>The gateway is stopping: the attempt was cut off, and is not counted.</summary>
    public sealed record CutOff : PipelineResult;
}

/// <summary>
/// What every request to a destination goes through: its circuit breaker, which is Polly's, and within it the time limit of an attempt.
/// While the breaker is closed, an attempt runs beside it and its outcome is told to it afterwards, which is the same and costs a
/// tenth (docs/decisions/0011-a-cheaper-attempt.md).
/// </summary>
internal sealed class DestinationPipeline
{
    private readonly DestinationConfiguration _destination;
    private readonly DestinationSender _sender;
    private readonly AttemptTime _time;
    private readonly CircuitBreakerStateProvider _state = new();
    private readonly ResiliencePipeline<AttemptResult> _breaker;

    public DestinationPipeline(DestinationConfiguration destination, DestinationSender sender, SteadyTimeProvider time)
    {
        _destination = destination;
        _sender = sender;
        Shared = new SharedBreaker(destination, _state, time);
        _time = new AttemptTime(destination.Timeout, time.Machine);

        // Polly compares when the breaker opened with the time of day: set back, that would keep it open for as long.
        _breaker = new ResiliencePipelineBuilder<AttemptResult> { TimeProvider = time }
            .AddCircuitBreaker(new CircuitBreakerStrategyOptions<AttemptResult>
            {
                FailureRatio = destination.Breaker.Failures,
                MinimumThroughput = destination.Breaker.Minimum,
                SamplingDuration = destination.Breaker.Window,
                BreakDuration = destination.Breaker.Pause,
                StateProvider = _state,

                // A probe that was cut off has found nothing: it stays open.
                ShouldHandle = args => ValueTask.FromResult(
                    args.Outcome.Result is { SpeaksAgainstDestination: true }
                    || (args.Outcome.Exception is OperationCanceledException && _state.CircuitState == CircuitState.HalfOpen)),
                OnOpened = args => Say(() => Shared.Opened(args.BreakDuration)),
                OnHalfOpened = _ => Say(Shared.HalfOpened),
                OnClosed = _ => Say(Shared.Closed),
            })
            .Build();
    }

    /// <summary>0 closed, 1 half open, 2 open, be it at another gateway.</summary>
    public int BreakerState => _state.CircuitState switch
    {
        CircuitState.Closed => Shared.LeftToOthers is null ? 0 : 2,
        CircuitState.HalfOpen => 1,
        _ => 2,
    };

    /// <summary>What gateways of one store tell one another of it.</summary>
    public SharedBreaker Shared { get; }

    /// <summary>Makes one attempt, unless the breaker is open. Throws for nothing that a downstream can do.</summary>
    public async ValueTask<PipelineResult> AttemptAsync(Delivery delivery, int attempt, Activity? span, CancellationToken stopping)
    {
        // Woken once the other one has found something; not by itself at that moment, when a token of the rate is its.
        if (Shared.Leave() is { } pause)
            return new PipelineResult.Parked(pause + _destination.Timeout);

        // Open, or for one probe ajar: Polly decides whether this one is made.
        if (_state.CircuitState != CircuitState.Closed)
            return await GuardAsync(cancel => LimitAsync(delivery, attempt, span, cancel), stopping).ConfigureAwait(false);

        try
        {
            var result = await LimitAsync(delivery, attempt, span, stopping).ConfigureAwait(false);
            Tell(result);
            return new PipelineResult.Made(result);
        }
        catch (OperationCanceledException)
        {
            return new PipelineResult.CutOff();
        }
        catch (Exception unexpected)
        {
            return Unexpected(unexpected);
        }
    }

    /// <summary>Makes a request that has a time limit of its own, unless the breaker is open.</summary>
    /// <param name="request">Makes it, and gives its result as soon as it is known.</param>
    /// <param name="cancellationToken">Ends it: it is not counted then.</param>
    public async ValueTask<PipelineResult> GuardAsync(
        Func<CancellationToken, ValueTask<AttemptResult>> request, CancellationToken cancellationToken)
    {
        if (Shared.Leave() is { } pause)
            return new PipelineResult.Parked(pause);

        var context = ResilienceContextPool.Shared.Get(cancellationToken);
        try
        {
            var outcome = await _breaker.ExecuteOutcomeAsync(
                static async (context, request) =>
                {
                    try
                    {
                        return Outcome.FromResult(await request(context.CancellationToken).ConfigureAwait(false));
                    }
                    catch (OperationCanceledException cancelled)
                    {
                        return Outcome.FromException<AttemptResult>(cancelled);
                    }
                },
                context,
                request).ConfigureAwait(false);

            return outcome.Exception switch
            {
                null => new PipelineResult.Made(outcome.Result!),
                BrokenCircuitException broken => new PipelineResult.Parked(broken.RetryAfter ?? _destination.Breaker.Pause),
                OperationCanceledException => new PipelineResult.CutOff(),
                { } unexpected => Unexpected(unexpected),
            };
        }
        finally
        {
            ResilienceContextPool.Shared.Return(context);
        }
    }

    private async ValueTask<AttemptResult> LimitAsync(Delivery delivery, int attempt, Activity? span, CancellationToken stopping)
    {
        var timer = _time.Begin();
        var stop = stopping.UnsafeRegister(static timer => ((CancellationTokenSource)timer!).Cancel(), timer);
        try
        {
            return await _sender.SendAsync(delivery, attempt, span, timer.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (timer.IsCancellationRequested && !stopping.IsCancellationRequested)
        {
            return new AttemptResult(
                null, DeliveryError.Timeout, $"no answer within {_destination.Timeout.TotalSeconds:0.###} s", null);
        }
        finally
        {
            // Waits where it is under way: the timer is another attempt's next.
            stop.Dispose();
            _time.End(timer);
        }
    }

    /// <summary>Counts an attempt that was made beside the breaker; one that ends when it has opened changes nothing any more.</summary>
    private void Tell(AttemptResult result)
    {
        if (_state.CircuitState != CircuitState.Closed)
            return;

        try
        {
            _breaker.Execute(static result => result, result);
        }
        catch (BrokenCircuitException)
        {
            // It opened just now.
        }
    }

    private static PipelineResult.Made Unexpected(Exception error) => new PipelineResult.Made(new AttemptResult(
        null, DeliveryError.Protocol, $"the request could not be made ({error.GetType().Name})", null));

    private static ValueTask Say(Action what)
    {
        what();
        return ValueTask.CompletedTask;
    }
}
