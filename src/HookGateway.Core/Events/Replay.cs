namespace HookGateway.Events;

/// <summary>What makes a delivery a replay: somebody asked for it, after the event's own deliveries had been made or given up.</summary>
/// <param name="AttemptsBefore">How many attempts it had before: the retry schedule begins anew after them.</param>
/// <param name="Trace">The trace that the replay began, linked to the event's own.</param>
public sealed record Replay(int AttemptsBefore, TraceContext Trace);
