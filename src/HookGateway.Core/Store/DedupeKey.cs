using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace HookGateway.Store;

/// <summary>
/// What makes two requests the same event: the first 128 bits of a SHA-256 over the source and the sender's id, or over the
/// source and the body where there is no id. Both engines use the same key, so that marks can move between them.
/// </summary>
public readonly record struct DedupeKey(UInt128 Value)
{
    private const byte IdKind = 1;
    private const byte ContentKind = 2;
    private const byte RecordKind = 3;
    private const int PrefixLength = 5;
    private const int StackLimit = 4096;

    /// <summary>Of an event that its sender gave an id.</summary>
    public static DedupeKey OfId(string source, string id)
    {
        var most = Encoding.UTF8.GetMaxByteCount(id.Length);
        var utf8 = most <= StackLimit ? stackalloc byte[most] : new byte[most];
        return Of(source, IdKind, utf8[..Encoding.UTF8.GetBytes(id, utf8)]);
    }

    /// <summary>Of an event without an id: two equal bodies are one event.</summary>
    public static DedupeKey OfContent(string source, ReadOnlySpan<byte> body) => Of(source, ContentKind, body);

    /// <summary>Of a change that the sender's API told of: two gateways that find the same one make one event.</summary>
    /// <param name="source">The source's name.</param>
    /// <param name="id">The record's id.</param>
    /// <param name="updateTime">When it was changed; to the millisecond.</param>
    public static DedupeKey OfRecord(string source, string id, DateTimeOffset updateTime) => Of(
        source, RecordKind, Encoding.UTF8.GetBytes(FormattableString.Invariant($"{updateTime.ToUnixTimeMilliseconds()}:{id}")));

    private static DedupeKey Of(string source, byte kind, ReadOnlySpan<byte> content)
    {
        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        var sourceLength = Encoding.UTF8.GetByteCount(source);
        var length = PrefixLength + sourceLength + content.Length;
        if (length > StackLimit)
        {
            OfLong(WritePrefix(new byte[PrefixLength + sourceLength], source, kind), content, digest);
        }
        else
        {
            // Copying a small body costs less than making an incremental hash, and leaves no garbage.
            Span<byte> copy = stackalloc byte[length];
            WritePrefix(copy[..(PrefixLength + sourceLength)], source, kind);
            content.CopyTo(copy[(PrefixLength + sourceLength)..]);
            SHA256.HashData(copy, digest);
        }

        return new DedupeKey(BinaryPrimitives.ReadUInt128BigEndian(digest));
    }

    private static void OfLong(ReadOnlySpan<byte> prefix, ReadOnlySpan<byte> content, Span<byte> digest)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(prefix);
        hash.AppendData(content);
        hash.GetHashAndReset(digest);
    }

    private static Span<byte> WritePrefix(Span<byte> prefix, string source, byte kind)
    {
        BinaryPrimitives.WriteInt32BigEndian(prefix, prefix.Length - PrefixLength);
        prefix[PrefixLength - 1] = kind;
        Encoding.UTF8.GetBytes(source, prefix[PrefixLength..]);
        return prefix;
    }
}
