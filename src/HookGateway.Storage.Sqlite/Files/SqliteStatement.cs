using System.Text;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace HookGateway.Storage.Sqlite.Files;

/// <summary>
/// A prepared statement, straight on SQLite's C interface: the accept path runs several a row, and a
/// <see cref="SqliteCommand"/> costs more than the row itself. Parameters are numbered from 1, columns from 0. Not thread-safe.
/// </summary>
internal sealed class SqliteStatement : IDisposable
{
    private readonly sqlite3 _connection;
    private readonly sqlite3_stmt _handle;

    // Valid until the handle is disposed of.
    private readonly nint _statement;

    public SqliteStatement(SqliteConnection connection, string sql)
    {
        _connection = connection.Handle!;
        Check(raw.sqlite3_prepare_v3(_connection, sql, raw.SQLITE_PREPARE_PERSISTENT, out _handle));
        _statement = _handle.DangerousGetHandle();
    }

    public SqliteStatement Bind(int index, long value)
    {
        Check(SqliteNative.sqlite3_bind_int64(_statement, index, value));
        return this;
    }

    public SqliteStatement Bind(int index, long? value) => value is { } given ? Bind(index, given) : BindNull(index);

    public SqliteStatement Bind(int index, ReadOnlySpan<byte> value)
    {
        Check(SqliteNative.BindBlob(_statement, index, value));
        return this;
    }

    public SqliteStatement Bind(int index, string? value)
    {
        if (value is null)
            return BindNull(index);

        const int OnStack = 512;
        var length = Encoding.UTF8.GetMaxByteCount(value.Length);
        var utf8 = length <= OnStack ? stackalloc byte[OnStack] : new byte[length];
        Check(SqliteNative.BindText(_statement, index, utf8[..Encoding.UTF8.GetBytes(value, utf8)]));
        return this;
    }

    /// <summary>Moves to the next row; <see langword="false"/> past the last one. The statement is then ready to run again.</summary>
    public bool Step()
    {
        var result = SqliteNative.sqlite3_step(_statement);
        if (result == raw.SQLITE_ROW)
            return true;

        if (result != raw.SQLITE_DONE)
        {
            var failure = Failure(result);
            Reset();
            throw failure;
        }

        Reset();
        return false;
    }

    /// <summary>Runs a statement that yields no row.</summary>
    /// <returns>How many rows it changed.</returns>
    public int Run()
    {
        while (Step())
        {
        }

        return raw.sqlite3_changes(_connection);
    }

    public long Int64(int column) => SqliteNative.sqlite3_column_int64(_statement, column);

    public int Int32(int column) => (int)Int64(column);

    public bool IsNull(int column) => SqliteNative.sqlite3_column_type(_statement, column) == raw.SQLITE_NULL;

    public long? NullableInt64(int column) => IsNull(column) ? null : Int64(column);

    /// <summary>Valid until the next step.</summary>
    public ReadOnlySpan<byte> Blob(int column) => SqliteNative.Blob(_statement, column);

    // Read as bytes: a text may hold U+0000, where SQLite's own text reading would end.
    public string? Text(int column) => IsNull(column) ? null : Encoding.UTF8.GetString(Blob(column));

    /// <summary>Ends a reading before its last row. A statement left open would hold a snapshot of the database.</summary>
    public void Reset() => _ = SqliteNative.sqlite3_reset(_statement);

    public void Dispose() => _handle.Dispose();

    private SqliteStatement BindNull(int index)
    {
        Check(SqliteNative.sqlite3_bind_null(_statement, index));
        return this;
    }

    private void Check(int result)
    {
        if (result != raw.SQLITE_OK)
            throw Failure(result);
    }

    private SqliteException Failure(int result) => new(
        raw.sqlite3_errmsg(_connection).utf8_to_string(), result & 0xff, raw.sqlite3_extended_errcode(_connection));
}
