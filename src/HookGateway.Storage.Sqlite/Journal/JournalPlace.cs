namespace HookGateway.Storage.Sqlite.Journal;

/// <summary>Where a record begins in the journal, as one number that rises with it: the file's, then the offset.</summary>
/// <param name="Value">As it stands in the database.</param>
internal readonly record struct JournalPlace(long Value)
{
    private const int OffsetBits = 32;

    /// <summary>No journal has been begun.</summary>
    public static readonly JournalPlace None;

    public JournalPlace(int segment, long offset) : this(((long)segment << OffsetBits) | offset)
    {
    }

    /// <summary>The number of the file; from 1.</summary>
    public int Segment => (int)(Value >> OffsetBits);

    /// <summary>The byte within the file.</summary>
    public long Offset => Value & uint.MaxValue;

    public JournalPlace After(long bytes) => new(Value + bytes);
}
