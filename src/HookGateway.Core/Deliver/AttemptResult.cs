using HookGateway.Events;

namespace HookGateway.Deliver;

/// <summary>What one request to a downstream gave.</summary>
/// <param name="StatusCode">The answer's status; <see langword="null"/> where there was none.</param>
/// <param name="Error">Why it failed; <see cref="DeliveryError.None"/> for a 2xx.</param>
/// <param name="Detail">The failure in words, without secrets, bodies or full URLs.</param>
/// <param name="RetryAfter">What a 429 or 503 asked for.</param>
/// <param name="Answer">The beginning of a failed attempt's answer.</param>
internal sealed record AttemptResult(int? StatusCode, DeliveryError Error, string? Detail, TimeSpan? RetryAfter, string? Answer = null)
{
    private static readonly AttemptResult[] Successes =
        [.. Enumerable.Range(200, 100).Select(static status => new AttemptResult(status, DeliveryError.None, null, null))];

    /// <summary>An answer of 200 to 299, which says no more than its status: one for all that are the same.</summary>
    public static AttemptResult Success(int status) => Successes[status - 200];

    /// <summary>Any 2xx is success.</summary>
    public bool Succeeded => Error == DeliveryError.None;

    /// <summary>
    /// Whether it speaks against the destination's health, and so counts towards opening its breaker. Other refusals (400,
    /// 404, 422) and templates that fail are about the event, and the next one may well be taken.
    /// </summary>
    public bool SpeaksAgainstDestination =>
        Error is not (DeliveryError.None or DeliveryError.Template) && StatusCode is null or 408 or 429 or >= 500;
}
