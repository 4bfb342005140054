using System.IO.Compression;

namespace HookGateway.Storage.Redis.Format;

/// <summary>A body as it lies in Redis: compressed where that saves an eighth, for memory is what Redis has least of.</summary>
/// <param name="Bytes">As they lie there.</param>
/// <param name="IsCompressed">Whether they are compressed (Brotli).</param>
/// <param name="Length">Of the body itself.</param>
internal readonly record struct StoredBody(ReadOnlyMemory<byte> Bytes, bool IsCompressed, int Length)
{
    // Below, an event's other parts weigh as much, and the processor's time more.
    private const int LeastLength = 2048;
    private const int Quality = 0;
    private const int Window = 18;

    public static StoredBody Of(ReadOnlyMemory<byte> body)
    {
        if (body.Length >= LeastLength)
        {
            var compressed = new byte[body.Length - (body.Length / 8)];
            if (BrotliEncoder.TryCompress(body.Span, compressed, out var written, Quality, Window))
                return new StoredBody(compressed.AsMemory(0, written), IsCompressed: true, body.Length);
        }

        return new StoredBody(body, IsCompressed: false, body.Length);
    }

    public ReadOnlyMemory<byte> Read()
    {
        if (!IsCompressed)
            return Bytes;

        var body = new byte[Length];
        return BrotliDecoder.TryDecompress(Bytes.Span, body, out var written) && written == Length
            ? body
            : throw new InvalidDataException("A stored body cannot be read.");
    }
}
