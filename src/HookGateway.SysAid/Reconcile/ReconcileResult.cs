namespace HookGateway.SysAid.Reconcile;

/// <summary>How a run ended. Closed: one of the nested kinds.</summary>
internal abstract record ReconcileResult
{
    private ReconcileResult()
    {
    }

    /// <summary>All records were gone through.</summary>
    /// <param name="Found">How many changes were found of which no webhook had come, since the run before that was done.</param>
    /// <param name="Blind">The time before in which nobody looked; <see langword="null"/>: none to speak of.</param>
    public sealed record Done(int Found, BlindWindow? Blind) : ReconcileResult;

    /// <summary>Another gateway does it.</summary>
    public sealed record NotLeading : ReconcileResult;
}
