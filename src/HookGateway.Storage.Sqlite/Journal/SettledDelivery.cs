using HookGateway.Events;
using HookGateway.Store;

namespace HookGateway.Storage.Sqlite.Journal;

/// <summary>A settlement as it is written: what came of a delivery, and whether its lease held then.</summary>
/// <param name="Row">The delivery's row.</param>
/// <param name="Attempts">How many attempts were settled before its lease.</param>
/// <param name="State">Where it stands.</param>
/// <param name="IsHeld">Whether its lease was the one that held.</param>
/// <param name="IsOrdered">Whether it stands in an order.</param>
/// <param name="Blocks">Whether, dead, it stays at the head of its order.</param>
/// <param name="DueAt">When it is due again, in Unix milliseconds.</param>
/// <param name="Attempt">What was tried.</param>
/// <param name="Now">When it was written, in Unix milliseconds.</param>
internal readonly record struct SettledDelivery(
    long Row, int Attempts, DeliveryState State, bool IsHeld, bool IsOrdered, bool Blocks, long? DueAt, DeliveryAttempt? Attempt, long Now)
{
    public const byte Kind = 2;

    public static SettledDelivery Of(Settlement settlement, bool isHeld, long now) => new(
        settlement.Delivery.Lease.Handle,
        settlement.Delivery.Attempts,
        settlement.State,
        isHeld,
        settlement.Delivery.Sequence is not null,
        settlement.Blocks,
        settlement.DueAt?.ToUnixTimeMilliseconds(),
        settlement.Attempt,
        now);

    public void Write(BinaryWriter record)
    {
        record.Write(Kind);
        record.Write(Row);
        record.Write(Now);
        record.Write7BitEncodedInt(Attempts);
        record.Write((byte)State);
        record.Write(IsHeld);
        record.Write(IsOrdered);
        record.Write(Blocks);
        record.Write(DueAt ?? -1);
        record.Write(Attempt is not null);
        if (Attempt is not { } attempt)
            return;

        record.Write7BitEncodedInt(attempt.Number);
        record.Write(attempt.StartedAt.ToUnixTimeMilliseconds());
        record.Write(attempt.Duration.Ticks);
        record.Write(attempt.StatusCode ?? -1);
        record.Write((byte)attempt.Error);
        record.WriteText(attempt.Detail);
        record.WriteText(attempt.Answer);
    }

    /// <param name="record">After its kind.</param>
    public static SettledDelivery Read(BinaryReader record)
    {
        var (row, now, attempts, state) = (record.ReadInt64(), record.ReadInt64(), record.Read7BitEncodedInt(), (DeliveryState)record.ReadByte());
        var (isHeld, isOrdered, blocks, due) = (record.ReadBoolean(), record.ReadBoolean(), record.ReadBoolean(), record.ReadInt64());
        var attempt = record.ReadBoolean() ? ReadAttempt(record) : null;
        return new SettledDelivery(row, attempts, state, isHeld, isOrdered, blocks, due < 0 ? null : due, attempt, now);
    }

    private static DeliveryAttempt ReadAttempt(BinaryReader record)
    {
        var (number, started, duration) = (record.Read7BitEncodedInt(), record.ReadInt64(), record.ReadInt64());
        var (status, error) = (record.ReadInt32(), (DeliveryError)record.ReadByte());
        return new DeliveryAttempt
        {
            Number = number,
            StartedAt = DateTimeOffset.FromUnixTimeMilliseconds(started),
            Duration = TimeSpan.FromTicks(duration),
            StatusCode = status < 0 ? null : status,
            Error = error,
            Detail = record.ReadText(),
            Answer = record.ReadText(),
        };
    }
}

/// <summary>Texts that may be absent.</summary>
internal static class JournalTexts
{
    public static void WriteText(this BinaryWriter record, string? text)
    {
        record.Write(text is not null);
        if (text is not null)
            record.Write(text);
    }

    public static string? ReadText(this BinaryReader record) => record.ReadBoolean() ? record.ReadString() : null;
}
