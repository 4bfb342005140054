namespace HookGateway.Load.Loading;

/// <summary>What a load was answered.</summary>
internal sealed record LoadResult
{
    /// <summary>How long it ran.</summary>
    public required double Seconds { get; init; }

    /// <summary>How many requests got an answer.</summary>
    public required long Requests { get; init; }

    /// <summary>Answered 2xx for the first time.</summary>
    public required long Accepted { get; init; }

    /// <summary>Answered 200 as seen before; counted where the load repeats ids.</summary>
    public long Duplicate { get; init; }

    /// <summary>Answered 401; counted where the load forges signatures.</summary>
    public long Refused { get; init; }

    /// <summary>Answered anything else.</summary>
    public long Failed { get; init; }

    /// <summary>Without an answer.</summary>
    public long Unanswered { get; init; }

    /// <summary>Milliseconds until half of the answers were there.</summary>
    public double P50 { get; init; }

    /// <summary>Milliseconds until 99 of 100 were there.</summary>
    public double P99 { get; init; }

    /// <summary>Milliseconds until 999 of 1,000 were there.</summary>
    public double P999 { get; init; }

    /// <summary>Milliseconds until the last one was there.</summary>
    public double Longest { get; init; }

    /// <summary>What only a paced load tells.</summary>
    public PacedResult? Paced { get; init; }
}

/// <summary>What a paced load tells besides.</summary>
/// <param name="Rate">Events a second that were wanted.</param>
/// <param name="LateP99">Milliseconds by which 99 of 100 posts began late at most: the load's own lack of breath.</param>
/// <param name="LagP50">Milliseconds from the 202 to the downstream's receipt, median; null where receipts cannot be told apart.</param>
/// <param name="LagP99">The same, of 99 of 100.</param>
/// <param name="Stalls">Stretches without any answer.</param>
/// <param name="SyncP99">Milliseconds that 99 of 100 syncs of the probe took at most.</param>
/// <param name="SyncLongest">The longest one.</param>
internal sealed record PacedResult(
    int Rate, double LateP99, double? LagP50, double? LagP99, StallCount Stalls, double SyncP99, double SyncLongest);
