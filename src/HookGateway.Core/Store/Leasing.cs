using HookGateway.Events;

namespace HookGateway.Store;

/// <summary>What a lane has room for.</summary>
/// <param name="Destination">The configured name of the destination.</param>
/// <param name="MaxCount">At most so many deliveries.</param>
/// <param name="MaxBytes">At most so many bytes of bodies and kept headers, though at least one delivery where any is due.</param>
/// <param name="Bulk">Whether of those that bulk replays made, or of all others: neither stands in the other's way.</param>
public readonly record struct LeaseRequest(string Destination, int MaxCount, long MaxBytes, bool Bulk = false);

/// <summary>What was due for one destination.</summary>
/// <param name="Deliveries">Leased to the caller; empty where nothing is due.</param>
/// <param name="More">Whether more is due already than was leased.</param>
/// <param name="NextDue">When the next one that is neither leased nor due yet comes due; <see langword="null"/> where none waits.</param>
public sealed record LeaseResult(IReadOnlyList<Delivery> Deliveries, bool More, DateTimeOffset? NextDue);
