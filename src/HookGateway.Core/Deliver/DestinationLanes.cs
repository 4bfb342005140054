using HookGateway.Configuration;
using HookGateway.Events;

namespace HookGateway.Deliver;

/// <summary>
/// The two lanes of a destination: what bulk replays make has one of its own, so that live events never wait behind it. They
/// share the pipeline, and so the breaker, but neither places nor memory.
/// </summary>
internal sealed record DestinationLanes(Lane Live, Lane Bulk, DestinationPipeline Pipeline)
{
    private const int ShareOfConcurrency = 4;

    public IEnumerable<Lane> Both => [Live, Bulk];

    /// <summary>The lane that a delivery goes through.</summary>
    public Lane Of(Delivery delivery) => delivery.Replay?.Bulk is null ? Live : Bulk;

    /// <summary>The destination need not be left alone any more.</summary>
    public void EndParking()
    {
        foreach (var lane in Both)
            lane.EndParking();
    }

    /// <summary>A destination as its lane for bulk replays sees it: a quarter of its concurrency, one attempt at least.</summary>
    public static DestinationConfiguration ForBulk(DestinationConfiguration destination) =>
        destination with { Concurrency = Math.Max(1, destination.Concurrency / ShareOfConcurrency) };
}
