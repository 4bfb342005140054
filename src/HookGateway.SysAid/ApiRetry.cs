using Polly;
using Polly.Retry;

namespace HookGateway.SysAid;

/// <summary>Tries again where that can help and do no harm: a few times, ever later, or when SysAid asks for it.</summary>
internal sealed class ApiRetry
{
    /// <summary>Attempts in all.</summary>
    public const int Attempts = 5;

    /// <summary>A <c>Retry-After</c> beyond it is not waited for: the request fails.</summary>
    public static readonly TimeSpan LongestWait = RateBudget.LongestWait;

    private readonly ResiliencePipeline<ApiAttempt> _pipeline;

    public ApiRetry(TimeProvider time, Action<string> tell)
    {
        _pipeline = new ResiliencePipelineBuilder<ApiAttempt> { TimeProvider = time }
            .AddRetry(new RetryStrategyOptions<ApiAttempt>
            {
                MaxRetryAttempts = Attempts - 1,
                Delay = TimeSpan.FromSeconds(1),
                BackoffType = DelayBackoffType.Exponential,
                UseJitter = true,
                MaxDelay = TimeSpan.FromSeconds(30),
                ShouldHandle = static args => ValueTask.FromResult(
                    args.Outcome.Result is { CanRetry: true } attempt && !(attempt.RetryAfter > LongestWait)),
                DelayGenerator = static args => ValueTask.FromResult(args.Outcome.Result!.RetryAfter),
                OnRetry = args =>
                {
                    tell(FormattableString.Invariant(
                        $"{Describe(args.Outcome.Result!)}; trying again in {args.RetryDelay.TotalSeconds:0.#} s."));
                    return ValueTask.CompletedTask;
                },
            })
            .Build();
    }

    /// <summary>Makes attempts until one ends well, or none can help any more.</summary>
    /// <param name="attempt">Makes one.</param>
    /// <param name="cancellationToken">Ends it, also between attempts.</param>
    public ValueTask<ApiAttempt> ExecuteAsync(
        Func<CancellationToken, ValueTask<ApiAttempt>> attempt, CancellationToken cancellationToken) =>
        _pipeline.ExecuteAsync(static (attempt, cancel) => attempt(cancel), attempt, cancellationToken);

    /// <summary>What came of an attempt that did not end well, as the beginning of a sentence.</summary>
    public static string Describe(ApiAttempt attempt) => attempt switch
    {
        { Answer: { Message: { } message } answer } => $"SysAid answered {answer}: {message}",
        { Answer: { } answer } => $"SysAid answered {answer}",
        _ => $"SysAid could not be asked: {attempt.Failure}",
    };
}
