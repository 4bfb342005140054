using System.Diagnostics;
using HookGateway.Configuration;
using HookGateway.Events;
using HookGateway.Store;
using Polly;
using Polly.CircuitBreaker;
using Polly.Timeout;

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

/// <summary>One Polly pipeline a destination: the circuit breaker, and within it the time limit of an attempt.</summary>
internal sealed class DestinationPipeline
{
    private readonly DestinationConfiguration _destination;
    private readonly DestinationSender _sender;
    private readonly CircuitBreakerStateProvider _state = new();
    private readonly ResiliencePipeline<AttemptResult> _breaker;
    private readonly ResiliencePipeline<AttemptResult> _pipeline;

    public DestinationPipeline(DestinationConfiguration destination, DestinationSender sender, SteadyTimeProvider time)
    {
        _destination = destination;
        _sender = sender;
        // Polly compares when the breaker opened with the time of day: set back, that would keep it open for as long.
        _breaker = new ResiliencePipelineBuilder<AttemptResult> { TimeProvider = time }
            .AddCircuitBreaker(new CircuitBreakerStrategyOptions<AttemptResult>
            {
                FailureRatio = destination.Breaker.Failures,
                MinimumThroughput = destination.Breaker.Minimum,
                SamplingDuration = destination.Breaker.Window,
                BreakDuration = destination.Breaker.Pause,
                StateProvider = _state,
                ShouldHandle = static args => ValueTask.FromResult(
                    args.Outcome.Exception is TimeoutRejectedException || args.Outcome.Result is { SpeaksAgainstDestination: true }),
            })
            .Build();

        // A limit counts from its own beginning. Given the machine's clock itself, Polly pools the timers; of any other it makes one each time.
        _pipeline = new ResiliencePipelineBuilder<AttemptResult> { TimeProvider = time.Machine }
            .AddPipeline(_breaker)
            .AddTimeout(new TimeoutStrategyOptions { Timeout = destination.Timeout })
            .Build();
    }

    /// <summary>0 closed, 1 half open, 2 open.</summary>
    public int BreakerState => _state.CircuitState switch
    {
        CircuitState.Closed => 0,
        CircuitState.HalfOpen => 1,
        _ => 2,
    };

    /// <summary>Makes one attempt, unless the breaker is open. Throws for nothing that a downstream can do.</summary>
    public ValueTask<PipelineResult> AttemptAsync(Delivery delivery, int attempt, Activity? span, CancellationToken stopping) =>
        ExecuteAsync(
            _pipeline,
            static (state, cancel) => state._sender.SendAsync(state.delivery, state.attempt, state.span, cancel),
            (_sender, delivery, attempt, span),
            stopping);

    /// <summary>Makes a request that has a time limit of its own, unless the breaker is open.</summary>
    /// <param name="request">Makes it, and gives its result as soon as it is known.</param>
    /// <param name="cancellationToken">Ends it: it is not counted then.</param>
    public ValueTask<PipelineResult> GuardAsync(
        Func<CancellationToken, ValueTask<AttemptResult>> request, CancellationToken cancellationToken) =>
        ExecuteAsync(_breaker, static (request, cancel) => request(cancel), request, cancellationToken);

    private async ValueTask<PipelineResult> ExecuteAsync<TState>(
        ResiliencePipeline<AttemptResult> pipeline, Func<TState, CancellationToken, ValueTask<AttemptResult>> request, TState state,
        CancellationToken cancellationToken)
    {
        var context = ResilienceContextPool.Shared.Get(cancellationToken);
        try
        {
            var outcome = await pipeline.ExecuteOutcomeAsync(
                static async (context, call) =>
                {
                    try
                    {
                        return Outcome.FromResult(
                            await call.request(call.state, context.CancellationToken).ConfigureAwait(false));
                    }
                    catch (OperationCanceledException cancelled)
                    {
                        return Outcome.FromException<AttemptResult>(cancelled);
                    }
                },
                context,
                (request, state)).ConfigureAwait(false);

            return outcome.Exception switch
            {
                null => new PipelineResult.Made(outcome.Result!),
                TimeoutRejectedException => new PipelineResult.Made(new AttemptResult(
                    null, DeliveryError.Timeout, $"no answer within {_destination.Timeout.TotalSeconds:0.###} s", null)),
                BrokenCircuitException broken => new PipelineResult.Parked(broken.RetryAfter ?? _destination.Breaker.Pause),
                OperationCanceledException => new PipelineResult.CutOff(),
                { } unexpected => new PipelineResult.Made(new AttemptResult(
                    null, DeliveryError.Protocol, $"the request could not be made ({unexpected.GetType().Name})", null)),
            };
        }
        finally
        {
            ResilienceContextPool.Shared.Return(context);
        }
    }
}
