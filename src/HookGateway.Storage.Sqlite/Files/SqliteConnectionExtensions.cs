using System.Globalization;
using Microsoft.Data.Sqlite;

namespace HookGateway.Storage.Sqlite.Files;

/// <summary>One-line statements, away from the accept path.</summary>
internal static class SqliteConnectionExtensions
{
#pragma warning disable CA2100 // Only ever called with statements of our own; values are bound, never written into them.
    public static void Execute(this SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    public static long Scalar(this SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        return Convert.ToInt64(command.ExecuteScalar() ?? 0L, CultureInfo.InvariantCulture);
    }
#pragma warning restore CA2100
}
