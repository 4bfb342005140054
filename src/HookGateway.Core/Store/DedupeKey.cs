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

    /// <summary>Of an event that its sender gave an id.</summary>
    public static DedupeKey OfId(string source, string id) => Of(source, IdKind, Encoding.UTF8.GetBytes(id));

    /// <summary>Of an event without an id: two equal bodies are one event.</summary>
    public static DedupeKey OfContent(string source, ReadOnlySpan<byte> body) => Of(source, ContentKind, body);

    private static DedupeKey Of(string source, byte kind, ReadOnlySpan<byte> content)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Span<byte> length = stackalloc byte[5];
        var name = Encoding.UTF8.GetBytes(source);
        BinaryPrimitives.WriteInt32BigEndian(length, name.Length);
        length[4] = kind;
        hash.AppendData(length);
        hash.AppendData(name);
        hash.AppendData(content);
        Span<byte> digest = stackalloc byte[32];
        hash.GetHashAndReset(digest);
        return new DedupeKey(BinaryPrimitives.ReadUInt128BigEndian(digest));
    }
}
