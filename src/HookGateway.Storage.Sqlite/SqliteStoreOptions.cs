using Microsoft.Data.Sqlite;

namespace HookGateway.Storage.Sqlite;

/// <summary>How one SQLite file is kept.</summary>
public sealed record SqliteStoreOptions
{
    /// <summary>
    /// The database file, relative to the working directory; its directory is made where it is missing. Beside it lie
    /// <c>-events</c> (the journal, part of the data always), <c>-wal</c> and <c>-shm</c> (SQLite's own, part of the data while the store
    /// is open) and <c>.lock</c>.
    /// </summary>
    public required string Path { get; init; }

    /// <summary>
    /// The longest an event waits for its turn to be written before it is answered as unavailable. An event whose commit has
    /// begun waits for the outcome, however long that takes. Default 8 s, as <c>limits.requestTimeout</c>.
    /// </summary>
    public TimeSpan AcceptTimeout { get; init; } = TimeSpan.FromSeconds(8);

    /// <summary>The longest that closing waits for the disk; the file is whole without it as well. Default 10 s.</summary>
    internal TimeSpan CloseTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>From which size of the write-ahead log on its content is moved into the database file. Default 64 MiB.</summary>
    internal long CheckpointBytes { get; init; } = 64L * 1024 * 1024;

    /// <summary>From which size of the log on the writer itself stands still for a checkpoint. Default 256 MiB.</summary>
    internal long LogBound { get; init; } = 256L * 1024 * 1024;

    /// <summary>For tests: a long computation's rest (<see cref="Files.Pace"/>), instead of blocking its thread.</summary>
    internal Action? Rest { get; init; }

    /// <summary>For tests: runs before the log is copied beside the writer.</summary>
    internal Action? Checkpointing { get; init; }

    /// <summary>For tests: runs on the writer's thread right before COMMIT, and may throw <see cref="SqliteException"/>.</summary>
    internal Action? BeforeCommit { get; init; }

    /// <summary>For tests: runs right after COMMIT; what it throws counts as a COMMIT that failed though it was written.</summary>
    internal Action? AfterCommit { get; init; }
}
