namespace HookGateway.Coalesce;

/// <summary>An event of a source that coalesces or reconciles, which has just been received.</summary>
/// <param name="Kind">What is to become of it.</param>
/// <param name="At">When it was received.</param>
/// <param name="Changes">What it changes; empty where that does not matter or cannot be read.</param>
/// <param name="List">Where that stands in its body.</param>
/// <param name="Trace">Its place in its trace, as a <c>traceparent</c>.</param>
internal sealed record Incoming(
    IncomingKind Kind, DateTimeOffset At, IReadOnlyList<FieldUpdate> Changes, string List = "", string Trace = "")
{
    /// <summary>Whether it goes somewhere that the record which was found did not go to: nothing of it is known there.</summary>
    public bool GoesFurther { get; init; }
}

/// <summary>What an event means for what is held of its key.</summary>
internal enum IncomingKind
{
    /// <summary>It is not one that is held, or its changes cannot be read: what is held goes out before it.</summary>
    Passing,

    /// <summary>One of several to come: it is held.</summary>
    Incremental,

    /// <summary>The last of several: it goes out at once, with what is held.</summary>
    Complete,
}
