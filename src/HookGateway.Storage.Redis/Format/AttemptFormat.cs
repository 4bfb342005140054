using System.Text;
using HookGateway.Events;

namespace HookGateway.Storage.Redis.Format;

/// <summary>How an attempt lies in its event's hash. Its number is in the field's name.</summary>
internal static class AttemptFormat
{
    public static byte[] Write(DeliveryAttempt attempt)
    {
        using var stream = new MemoryStream(64);
        using var writer = new BinaryWriter(stream, Encoding.UTF8);
        writer.Write(attempt.StartedAt.ToUnixTimeMilliseconds());
        writer.Write7BitEncodedInt64((long)attempt.Duration.TotalMicroseconds);
        writer.Write7BitEncodedInt(attempt.StatusCode ?? 0);
        writer.Write((byte)attempt.Error);
        writer.WriteOptional(attempt.Detail);
        writer.WriteOptional(attempt.Answer);
        writer.Flush();
        return stream.ToArray();
    }

    public static DeliveryAttempt Read(byte[] field, int number)
    {
        using var reader = new BinaryReader(new MemoryStream(field), Encoding.UTF8);
        return new DeliveryAttempt
        {
            Number = number,
            StartedAt = DateTimeOffset.FromUnixTimeMilliseconds(reader.ReadInt64()),
            Duration = TimeSpan.FromMicroseconds(reader.Read7BitEncodedInt64()),
            StatusCode = reader.Read7BitEncodedInt() is var status and > 0 ? status : null,
            Error = (DeliveryError)reader.ReadByte(),
            Detail = reader.ReadOptional(),
            Answer = reader.ReadOptional(),
        };
    }
}
