namespace HookGateway.Storage.Sqlite.Memory;

/// <summary>What the writer knows beyond the file, and keeps when the file is closed and opened again after an I/O error.</summary>
internal sealed class StoreMemory
{
    public StoreMemory() => Fresh = new FreshRows(Leases);

    public DedupeIndex Dedupe { get; } = new();

    public LeaseTable Leases { get; } = new();

    public FreshRows Fresh { get; }

    public EventIdSequence Ids { get; } = new();

    /// <summary>The number of this opening; 0 before the first.</summary>
    public long Epoch { get; set; }

    /// <summary>The last row whose commit is known to have succeeded.</summary>
    public long CommittedSeq { get; set; }
}
