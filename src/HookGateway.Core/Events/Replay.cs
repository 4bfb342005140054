namespace HookGateway.Events;

/// <summary>What makes a delivery a replay: somebody asked for it, after the event's own deliveries had been made or given up.</summary>
/// <param name="AttemptsBefore">How many attempts it had before: the retry schedule begins anew after them.</param>
/// <param name="Trace">The trace that the replay began, linked to the event's own.</param>
/// <param name="Bulk">The number of the bulk replay that made it; <see langword="null"/> where the event was asked for by its id.</param>
public sealed record Replay(int AttemptsBefore, TraceContext Trace, long? Bulk = null);
