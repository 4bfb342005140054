namespace HookGateway.Host.Sending;

/// <summary>What came of all events of one <c>send</c>.</summary>
/// <param name="Sent">How many were posted.</param>
/// <param name="Accepted">Answered 2xx for the first time.</param>
/// <param name="Duplicate">Answered as seen before.</param>
/// <param name="Refused">Answered anything else.</param>
/// <param name="Unanswered">Without an answer.</param>
/// <param name="MedianMilliseconds">Half were answered faster.</param>
/// <param name="P99Milliseconds">99 of 100 were answered faster.</param>
internal sealed record SendSummary(
    int Sent, int Accepted, int Duplicate, int Refused, int Unanswered, double MedianMilliseconds, double P99Milliseconds)
{
    /// <summary>Counts.</summary>
    /// <param name="answers">At least one.</param>
    public static SendSummary Of(IReadOnlyCollection<SendAnswer> answers)
    {
        var times = answers.Select(answer => answer.Milliseconds).Order().ToArray();
        var succeeded = answers.Count(answer => answer.IsSuccess());
        var duplicate = answers.Count(answer => answer.IsSuccess() && answer.Result == "duplicate");
        var unanswered = answers.Count(answer => answer.Status is null);
        return new SendSummary(
            answers.Count, succeeded - duplicate, duplicate, answers.Count - succeeded - unanswered, unanswered,
            Percentile(times, 0.5), Percentile(times, 0.99));
    }

    /// <summary>One line for people.</summary>
    public override string ToString() =>
        $"{Sent} sent: {Accepted} accepted, {Duplicate} duplicate, {Refused} refused, {Unanswered} unanswered; "
        + $"answered in {MedianMilliseconds:0.0} ms (median), {P99Milliseconds:0.0} ms (99th percentile)";

    private static double Percentile(double[] ascending, double share) =>
        ascending[Math.Max(0, (int)Math.Ceiling(share * ascending.Length) - 1)];
}
