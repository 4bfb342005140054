using HookGateway.Store;

namespace HookGateway.StorageTests.Conformance;

/// <summary>What the conformance suite needs of an engine: stores on the same data, one after the other.</summary>
public abstract class StoreEngine : IAsyncDisposable
{
    /// <summary>A store on the engine's data, not opened yet.</summary>
    public abstract IEventStore Create(TimeProvider time);

    /// <summary>Removes the data.</summary>
    public abstract ValueTask DisposeAsync();
}
