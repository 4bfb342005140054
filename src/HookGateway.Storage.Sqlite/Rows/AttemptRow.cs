using HookGateway.Events;
using HookGateway.Storage.Sqlite.Files;

namespace HookGateway.Storage.Sqlite.Rows;

/// <summary>How an attempt lies in its columns: the same six in <c>deliveries</c> (the last one) and <c>attempts</c> (earlier ones).</summary>
internal static class AttemptRow
{
    public const string Columns = "started_ms, duration_us, status, error, detail, answer";

    public static DeliveryAttempt Read(SqliteStatement row, int firstColumn, int number) => new()
    {
        Number = number,
        StartedAt = DateTimeOffset.FromUnixTimeMilliseconds(row.Int64(firstColumn)),
        Duration = TimeSpan.FromMicroseconds(row.Int64(firstColumn + 1)),
        StatusCode = (int?)row.NullableInt64(firstColumn + 2),
        Error = (DeliveryError)row.Int32(firstColumn + 3),
        Detail = row.Text(firstColumn + 4),
        Answer = row.Text(firstColumn + 5),
    };

    public static SqliteStatement Bind(SqliteStatement statement, int first, DeliveryAttempt attempt) => statement
        .Bind(first, attempt.StartedAt.ToUnixTimeMilliseconds())
        .Bind(first + 1, (long)attempt.Duration.TotalMicroseconds)
        .Bind(first + 2, attempt.StatusCode)
        .Bind(first + 3, (long)attempt.Error)
        .Bind(first + 4, attempt.Detail)
        .Bind(first + 5, attempt.Answer);
}
