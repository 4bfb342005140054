using HookGateway.Configuration;

namespace HookGateway.SysAid.Reconcile;

/// <summary>One listing of all records: tells of each whether everything about it came.</summary>
/// <param name="reconcile">As configured.</param>
/// <param name="sightings">What came.</param>
/// <param name="known">What records were; <see langword="null"/> where fields are not compared.</param>
internal sealed class Listing(ReconcileConfiguration reconcile, Sightings sightings, KnownRecords? known)
{
    /// <summary>When it began.</summary>
    public required DateTimeOffset Begun { get; init; }

    /// <summary>Changes at or before it do not count.</summary>
    public required DateTimeOffset After { get; init; }

    /// <summary>Of later changes a webhook may still come.</summary>
    public DateTimeOffset Until => Begun - reconcile.Grace;

    /// <summary>The latest change that was due, or what was before it began.</summary>
    public required DateTimeOffset? Newest { get; set; }

    /// <summary>Whether a record is to be looked at now.</summary>
    public bool IsDue(ServiceRecord record) => record.UpdateTime > After && record.UpdateTime <= Until;

    /// <summary>Reads what came that can be about these.</summary>
    public Task CoverAsync(IReadOnlyCollection<ServiceRecord> due, CancellationToken cancellationToken)
    {
        var from = due.Min(record => Earlier(record.UpdateTime!.Value, known?.SinceOf(record)));

        // A webhook can have been accepted before its change, by a clock that is behind.
        return sightings.CoverAsync(from - reconcile.Overlap, cancellationToken);
    }

    /// <summary>What is to become of a record that is due.</summary>
    public Finding Find(ServiceRecord record)
    {
        var (time, latest) = (record.UpdateTime!.Value, sightings.LatestOf(record.Key));
        if (!(latest >= time - reconcile.Tolerance))
            return Finding.Missed;

        if (known is null || known.IsAsTold(record, sightings))
            return Finding.Came;

        // What came after it was asked for is not in it.
        return latest > time + reconcile.Tolerance ? Finding.TooEarly : Finding.Missed;
    }

    /// <summary>All of a record has come by now.</summary>
    public void Settle(ServiceRecord record) => known?.Settle(record);

    /// <summary>A record is to be looked at another time.</summary>
    public void Leave(ServiceRecord record) => known?.Leave(record, Begun);

    /// <summary>A record is not due: either its time has gone by, or it comes.</summary>
    public void Pass(ServiceRecord record)
    {
        if (record.UpdateTime > Until)
            Leave(record);
        else
            Settle(record);
    }

    private static DateTimeOffset Earlier(DateTimeOffset time, DateTimeOffset? other) => other < time ? other.Value : time;
}

/// <summary>Whether everything about a record came.</summary>
internal enum Finding
{
    /// <summary>It did.</summary>
    Came,

    /// <summary>It did not.</summary>
    Missed,

    /// <summary>It has changed since it was listed: the next listing will tell.</summary>
    TooEarly,
}
