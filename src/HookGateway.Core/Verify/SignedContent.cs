using System.Security.Cryptography;
using System.Text;

namespace HookGateway.Verify;

/// <summary>
/// What a scheme signs, compiled from text such as <c>{timestamp}.{body}</c> and fed to the hash piece by piece, so that
/// the body is never copied.
/// </summary>
internal sealed class SignedContent
{
    private const int StackLimit = 768;

    private readonly Piece[] _pieces;

    private SignedContent(Piece[] pieces) => _pieces = pieces;

    private enum PieceKind
    {
        Literal,
        Body,
        Timestamp,
        Id,
        Method,
        Url,
        Path,
    }

    public bool UsesTimestamp => Array.Exists(_pieces, piece => piece.Kind == PieceKind.Timestamp);

    public bool UsesId => Array.Exists(_pieces, piece => piece.Kind == PieceKind.Id);

    public bool UsesUrl => Array.Exists(_pieces, piece => piece.Kind == PieceKind.Url);

    /// <exception cref="FormatException">The message says what is wrong with <paramref name="template"/>.</exception>
    public static SignedContent Compile(string template)
    {
        var pieces = new List<Piece>();
        for (var at = 0; at < template.Length;)
        {
            var open = template.IndexOf('{', at);
            var literal = open < 0 ? template[at..] : template[at..open];
            if (literal.Length > 0) pieces.Add(new Piece(PieceKind.Literal, Encoding.UTF8.GetBytes(literal)));
            if (open < 0) break;
            var close = template.IndexOf('}', open);
            if (close < 0) throw new FormatException("content: a { is never closed");
            pieces.Add(new Piece(KindOf(template[(open + 1)..close]), []));
            at = close + 1;
        }

        // A signature that does not cover the body proves nothing about it.
        return pieces.Exists(piece => piece.Kind == PieceKind.Body)
            ? new SignedContent([.. pieces])
            : throw new FormatException("content: has no {body}");
    }

    public void AppendTo(IncrementalHash hash, in SignedParts parts)
    {
        foreach (var piece in _pieces)
        {
            switch (piece.Kind)
            {
                case PieceKind.Literal:
                    hash.AppendData(piece.Literal);
                    break;
                case PieceKind.Body:
                    hash.AppendData(parts.Body);
                    break;
                case PieceKind.Timestamp:
                    Append(hash, parts.Timestamp);
                    break;
                case PieceKind.Id:
                    Append(hash, parts.Id);
                    break;
                case PieceKind.Method:
                    Append(hash, parts.Method);
                    break;
                case PieceKind.Url:
                    Append(hash, parts.Url);
                    break;
                case PieceKind.Path:
                    Append(hash, parts.Path);
                    break;
            }
        }
    }

    private static void Append(IncrementalHash hash, ReadOnlySpan<char> text)
    {
        var most = Encoding.UTF8.GetMaxByteCount(text.Length);
        var buffer = most <= StackLimit ? stackalloc byte[StackLimit] : new byte[most];
        hash.AppendData(buffer[..Encoding.UTF8.GetBytes(text, buffer)]);
    }

    private static PieceKind KindOf(string name) => name switch
    {
        "body" => PieceKind.Body,
        "timestamp" => PieceKind.Timestamp,
        "id" => PieceKind.Id,
        "method" => PieceKind.Method,
        "url" => PieceKind.Url,
        "path" => PieceKind.Path,
        _ => throw new FormatException(
            $"content: {{{name}}} is not one of {{body}}, {{timestamp}}, {{id}}, {{method}}, {{url}}, {{path}}"),
    };

    private readonly record struct Piece(PieceKind Kind, byte[] Literal);
}

/// <summary>The values that the marks of a <see cref="SignedContent"/> stand for in one request.</summary>
internal readonly ref struct SignedParts
{
    public required ReadOnlySpan<byte> Body { get; init; }

    public required ReadOnlySpan<char> Timestamp { get; init; }

    public required ReadOnlySpan<char> Id { get; init; }

    public required ReadOnlySpan<char> Method { get; init; }

    public required ReadOnlySpan<char> Url { get; init; }

    /// <summary>Path and query.</summary>
    public required ReadOnlySpan<char> Path { get; init; }
}
