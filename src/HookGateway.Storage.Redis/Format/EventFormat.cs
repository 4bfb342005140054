using System.Diagnostics;
using System.Text;
using HookGateway.Events;
using HookGateway.Storage.Redis.Link;

namespace HookGateway.Storage.Redis.Format;

/// <summary>How an event lies in its hash: everything that never changes in one field, behind the id; the body in another.</summary>
internal static class EventFormat
{
    private const byte Version = 1;
    private const int IdBytes = 16;

    // Behind the id, version, time, origin and trace. Scripts read the source from there as well (ended.lua).
    private const int BodyAt = 51;

    /// <summary>Without the id, which the script puts before it.</summary>
    public static byte[] Write(WebhookEvent stored, StoredBody body)
    {
        using var stream = new MemoryStream(256);
        using var writer = new BinaryWriter(stream, Encoding.UTF8);
        writer.Write(Version);
        writer.Write(stored.ReceivedAt.ToUnixTimeMilliseconds());
        writer.Write((byte)stored.Origin);
        WriteTrace(writer, stored.Trace);
        writer.Write(body.IsCompressed);
        writer.Write7BitEncodedInt(body.Length);
        writer.Write(stored.Source);
        writer.Write(stored.Name);
        writer.WriteOptional(stored.SourceId);
        writer.WriteOptional(stored.Key);
        writer.WriteOptional(stored.ContentType);
        writer.Write7BitEncodedInt(stored.Headers.Count);
        foreach (var (name, value) in stored.Headers)
        {
            writer.Write(name);
            writer.Write(value);
        }

        writer.Flush();
        return stream.ToArray();
    }

    /// <summary>The event of a field with the id.</summary>
    public static WebhookEvent Read(byte[] field, byte[]? body)
    {
        using var reader = new BinaryReader(new MemoryStream(field, IdBytes, field.Length - IdBytes), Encoding.UTF8);
        if (reader.ReadByte() is var version && version != Version)
            throw new InvalidDataException($"An event is written in version {version}, which a newer gateway made.");

        var received = DateTimeOffset.FromUnixTimeMilliseconds(reader.ReadInt64());
        var origin = (EventOrigin)reader.ReadByte();
        var trace = ReadTrace(reader);
        var stored = new StoredBody(body ?? [], reader.ReadBoolean(), reader.Read7BitEncodedInt());
        return new WebhookEvent
        {
            Id = EventAddress.ReadId(field),
            ReceivedAt = received,
            Origin = origin,
            Trace = trace,
            Body = body is null ? default : stored.Read(),
            Source = reader.ReadString(),
            Name = reader.ReadString(),
            SourceId = reader.ReadOptional(),
            Key = reader.ReadOptional(),
            ContentType = reader.ReadOptional(),
            Headers = ReadHeaders(reader),
        };
    }

    /// <summary>How long the body of a field's event is, or was.</summary>
    public static int ReadBodyLength(byte[] field)
    {
        using var reader = new BinaryReader(new MemoryStream(field, BodyAt, field.Length - BodyAt), Encoding.UTF8);
        reader.ReadBoolean();
        return reader.Read7BitEncodedInt();
    }

    private static KeyValuePair<string, string>[] ReadHeaders(BinaryReader reader)
    {
        var count = reader.Read7BitEncodedInt();
        if (count == 0)
            return [];

        var headers = new KeyValuePair<string, string>[count];
        for (var i = 0; i < count; i++)
            headers[i] = new(reader.ReadString(), reader.ReadString());

        return headers;
    }

    private static void WriteTrace(BinaryWriter writer, TraceContext trace)
    {
        Span<byte> bytes = stackalloc byte[TraceContext.Bytes];
        trace.Write(bytes);
        writer.Write(bytes);
    }

    private static TraceContext ReadTrace(BinaryReader reader)
    {
        Span<byte> bytes = stackalloc byte[TraceContext.Bytes];
        reader.BaseStream.ReadExactly(bytes);
        return TraceContext.Read(bytes);
    }
}
