using System.Globalization;

namespace HookGateway.Storage.Sqlite.Reading;

/// <summary>Where a list goes on: a row, as a text that callers hand back unread.</summary>
internal static class Cursor
{
    public static string Write(long row) => row.ToString("x", CultureInfo.InvariantCulture);

    /// <exception cref="ArgumentException">It is none.</exception>
    public static long Read(string? cursor)
    {
        if (cursor is null)
            return long.MaxValue;

        return long.TryParse(cursor, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var row) && row > 0
            ? row
            : throw new ArgumentException("The cursor is not one that a list gave.", nameof(cursor));
    }
}
