namespace HookGateway.Load.Measuring;

/// <summary>One process of a server, from its start to its end.</summary>
/// <param name="Rounds">In their order, at least one.</param>
/// <param name="StartSeconds">From its start until it took requests.</param>
/// <param name="PeakMiB">The most memory that it ever had.</param>
/// <param name="StoredBytes">
/// What its store has grown by, a stored event, warm-up included; <see langword="null"/> where it has none, or too few to tell.
/// </param>
internal sealed record Life(IReadOnlyList<Round> Rounds, double StartSeconds, double PeakMiB, double? StoredBytes);
