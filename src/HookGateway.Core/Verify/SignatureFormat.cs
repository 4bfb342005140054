using System.Buffers;

namespace HookGateway.Verify;

/// <summary>
/// How a signature's header is laid out, compiled from text such as <c>t={timestamp},v1={signature}</c>. A header is a list
/// of parts in any order; parts of another form are passed over, so that senders can add versions of their own.
/// </summary>
internal sealed class SignatureFormat
{
    private const string SignatureMark = "{signature}";
    private const string TimestampMark = "{timestamp}";
    private const string ListSeparators = ", ;";

    // What may stand between the two marks without occurring in a signature of any encoding.
    private static readonly SearchValues<char> PairSeparators = SearchValues.Create(",; &|.:");

    private readonly string _text;
    private readonly SearchValues<char> _separators;
    private readonly Part _signature;
    private readonly Part? _timestamp;
    private readonly bool _byPosition;
    private readonly bool _timestampFirst;

    private SignatureFormat(string text, string separators, Part signature, Part? timestamp, bool timestampFirst)
    {
        _text = text;
        _separators = SearchValues.Create(separators);
        _signature = signature;
        _timestamp = timestamp;
        _timestampFirst = timestampFirst;
        _byPosition = timestamp is { } other && other.Prefix == signature.Prefix;
    }

    public bool HasTimestamp => _timestamp is not null;

    /// <exception cref="FormatException">The message says what is wrong with <paramref name="text"/>.</exception>
    public static SignatureFormat Compile(string text)
    {
        var signature = text.IndexOf(SignatureMark, StringComparison.Ordinal);
        if (signature < 0) throw new FormatException($"format: has no {SignatureMark}");
        var timestamp = text.IndexOf(TimestampMark, StringComparison.Ordinal);
        RefuseOtherMarks(text);
        if (timestamp < 0)
        {
            var only = new Part(text[..signature].TrimStart(), text[(signature + SignatureMark.Length)..].TrimEnd());
            var separators = string.Concat(ListSeparators.Except(only.Prefix + only.Suffix));
            return new SignatureFormat(text, separators, only, null, timestampFirst: false);
        }

        var timestampFirst = timestamp < signature;
        var (first, firstMark, second, secondMark) = timestampFirst
            ? (timestamp, TimestampMark, signature, SignatureMark)
            : (signature, SignatureMark, timestamp, TimestampMark);
        var between = text[(first + firstMark.Length)..second];
        var at = between.AsSpan().IndexOfAny(PairSeparators);
        if (at < 0) throw new FormatException($"format: nothing separates {firstMark} and {secondMark}");
        var left = new Part(text[..first].TrimStart(), between[..at].TrimEnd());
        var right = new Part(between[(at + 1)..].TrimStart(), text[(second + secondMark.Length)..].TrimEnd());
        return timestampFirst
            ? new SignatureFormat(text, between[at].ToString(), right, left, timestampFirst)
            : new SignatureFormat(text, between[at].ToString(), left, right, timestampFirst);
    }

    /// <summary>Finds the parts of a header: up to as many signatures as there is room for, and the first timestamp.</summary>
    /// <returns>How many signatures were found.</returns>
    public int Read(ReadOnlySpan<char> header, Span<Range> signatures, out Range timestamp)
    {
        timestamp = default;
        var (found, position) = (0, 0);
        var hasTimestamp = false;
        foreach (var range in header.SplitAny(_separators))
        {
            var part = Trim(header, range);
            if (part.Start.Value == part.End.Value) continue;
            var isTimestamp = IsTimestamp(header[part], position++);
            if (isTimestamp && !hasTimestamp)
            {
                timestamp = _timestamp!.Value.Inner(part);
                hasTimestamp = true;
            }
            else if (!isTimestamp && found < signatures.Length && _signature.Matches(header[part]))
            {
                signatures[found++] = _signature.Inner(part);
            }
        }

        return found;
    }

    public string Write(string signature, string timestamp) => _text
        .Replace(SignatureMark, signature, StringComparison.Ordinal)
        .Replace(TimestampMark, timestamp, StringComparison.Ordinal);

    private bool IsTimestamp(ReadOnlySpan<char> part, int position)
    {
        if (_timestamp is not { } timestamp || !timestamp.Matches(part)) return false;
        if (_byPosition) return position == 0 == _timestampFirst;
        return !_signature.Matches(part) || timestamp.Prefix.Length > _signature.Prefix.Length;
    }

    // A proxy that joins repeated headers puts a comma after each, whatever separates the parts.
    private static Range Trim(ReadOnlySpan<char> header, Range range)
    {
        var (offset, length) = range.GetOffsetAndLength(header.Length);
        var end = offset + header.Slice(offset, length).TrimEnd(" \t,").Length;
        var start = end - header[offset..end].TrimStart(" \t").Length;
        return start..end;
    }

    private static void RefuseOtherMarks(string text)
    {
        var rest = text.Remove(text.IndexOf(SignatureMark, StringComparison.Ordinal), SignatureMark.Length);
        var timestamp = rest.IndexOf(TimestampMark, StringComparison.Ordinal);
        if (timestamp >= 0) rest = rest.Remove(timestamp, TimestampMark.Length);
        if (rest.AsSpan().ContainsAny('{', '}'))
            throw new FormatException($"format: knows {SignatureMark} and {TimestampMark}, each once, and no other braces");
    }

    private readonly record struct Part(string Prefix, string Suffix)
    {
        public bool Matches(ReadOnlySpan<char> text) => text.Length > Prefix.Length + Suffix.Length
            && text.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase)
            && text.EndsWith(Suffix, StringComparison.OrdinalIgnoreCase);

        public Range Inner(Range part) => (part.Start.Value + Prefix.Length)..(part.End.Value - Suffix.Length);
    }
}
