namespace HookGateway.Storage.Sqlite.Journal;

/// <summary>A delivery that was leased in the commit that made it, and for so long that it has got a due time.</summary>
/// <param name="Row">Its row.</param>
/// <param name="Now">The due time, in Unix milliseconds.</param>
internal readonly record struct DemotedDelivery(long Row, long Now)
{
    public const byte Kind = 3;

    public void Write(BinaryWriter record)
    {
        record.Write(Kind);
        record.Write(Row);
        record.Write(Now);
    }

    /// <param name="record">After its kind.</param>
    public static DemotedDelivery Read(BinaryReader record) => new(record.ReadInt64(), record.ReadInt64());
}
