namespace HookGateway.Admin;

/// <summary>Tells how far changes have been looked for in the APIs of sources.</summary>
internal interface IReconcileReports
{
    /// <summary>One for each source that asks for it.</summary>
    IReadOnlyList<ReconcileView> All { get; }
}

/// <summary>The answer of <c>GET /api/v1/reconcile</c>.</summary>
internal sealed record ReconcileListView(IReadOnlyList<ReconcileView> Sources);

/// <summary>How far one source's API has been looked through.</summary>
internal sealed record ReconcileView
{
    public required string Source { get; init; }

    /// <summary>The latest change that was looked at, by the API's clock.</summary>
    public DateTimeOffset? UpdateTime { get; init; }

    /// <summary>When it was last looked through to the end.</summary>
    public DateTimeOffset? DoneAt { get; init; }

    /// <summary>How often that was.</summary>
    public long Runs { get; init; }

    /// <summary>Changes of which no webhook had come.</summary>
    public long Found { get; init; }

    /// <summary>Why it cannot be looked through now.</summary>
    public string? Failure { get; init; }

    /// <summary>When nobody looked, the latest 50.</summary>
    public required IReadOnlyList<BlindView> Blind { get; init; }
}

/// <summary>A time in which nobody looked.</summary>
internal sealed record BlindView(DateTimeOffset From, DateTimeOffset Until, string Reason);
