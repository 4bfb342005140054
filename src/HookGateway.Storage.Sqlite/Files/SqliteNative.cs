using System.Runtime.InteropServices;
using SQLitePCL;

namespace HookGateway.Storage.Sqlite.Files;

/// <summary>
/// What <see cref="SqliteStatement"/> calls of SQLite's C interface, by plain pointers: an event binds some thirty values, and the
/// usual way (a reference counted handle, and telling the garbage collector of each call) costs several times what the call does.
/// </summary>
internal static unsafe partial class SqliteNative
{
    private const string Library = "e_sqlite3";

    // SQLITE_TRANSIENT: SQLite copies the bytes before it returns.
    private const nint Copied = -1;

    /// <summary>
    /// Spares every statement a mutex of its connection's, and every allocation one of the process's: no connection of the gateway's is
    /// used by two threads at once. Where SQLite has begun already it stays as it is.
    /// </summary>
    public static void Configure()
    {
        Batteries_V2.Init();
        _ = raw.sqlite3_config(raw.SQLITE_CONFIG_MULTITHREAD);
        _ = raw.sqlite3_config(raw.SQLITE_CONFIG_MEMSTATUS, 0);
    }

    public static int BindBlob(nint statement, int index, ReadOnlySpan<byte> value)
    {
        // A null pointer would bind NULL: what is empty is not absent.
        fixed (byte* bytes = value)
            return bytes is null ? sqlite3_bind_zeroblob(statement, index, 0) : sqlite3_bind_blob(statement, index, bytes, value.Length, Copied);
    }

    public static int BindText(nint statement, int index, ReadOnlySpan<byte> utf8)
    {
        var empty = (byte)0;
        fixed (byte* bytes = utf8)
            return sqlite3_bind_text(statement, index, bytes is null ? &empty : bytes, utf8.Length, Copied);
    }

    /// <summary>Valid until the statement's next step.</summary>
    public static ReadOnlySpan<byte> Blob(nint statement, int column)
    {
        // In this order, as SQLite asks for it.
        var bytes = sqlite3_column_blob(statement, column);
        return new ReadOnlySpan<byte>(bytes, sqlite3_column_bytes(statement, column));
    }

    // Short, and never waiting: the garbage collector may wait for them.
    [LibraryImport(Library)]
    [SuppressGCTransition]
    public static partial int sqlite3_bind_int64(nint statement, int index, long value);

    [LibraryImport(Library)]
    [SuppressGCTransition]
    public static partial int sqlite3_bind_null(nint statement, int index);

    [LibraryImport(Library)]
    [SuppressGCTransition]
    public static partial long sqlite3_column_int64(nint statement, int column);

    [LibraryImport(Library)]
    [SuppressGCTransition]
    public static partial int sqlite3_column_type(nint statement, int column);

    [LibraryImport(Library)]
    [SuppressGCTransition]
    private static partial int sqlite3_bind_zeroblob(nint statement, int index, int bytes);

    [LibraryImport(Library)]
    [SuppressGCTransition]
    private static partial int sqlite3_column_bytes(nint statement, int column);

    // These may read and write files, or copy much.
    [LibraryImport(Library)]
    public static partial int sqlite3_step(nint statement);

    [LibraryImport(Library)]
    public static partial int sqlite3_reset(nint statement);

    [LibraryImport(Library)]
    private static partial int sqlite3_bind_blob(nint statement, int index, byte* value, int bytes, nint destructor);

    [LibraryImport(Library)]
    private static partial int sqlite3_bind_text(nint statement, int index, byte* value, int bytes, nint destructor);

    [LibraryImport(Library)]
    private static partial byte* sqlite3_column_blob(nint statement, int column);
}
