using HookGateway.Store;

namespace HookGateway.Storage.Sqlite.Writing;

/// <summary>What the writer does next.</summary>
internal sealed class WriterBatch
{
    public List<PendingAccept> Accepts { get; } = [];

    public List<WriterJob> Jobs { get; } = [];

    /// <summary>Every settlement that is not written yet; those of a commit that failed stay for the next one.</summary>
    public List<Settlement> Settlements { get; } = [];

    /// <summary>Whether it is time to write the settlements even without an accept.</summary>
    public bool SettlementsDue { get; set; }
}
