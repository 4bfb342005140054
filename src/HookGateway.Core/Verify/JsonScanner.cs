using System.Buffers;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Text.Json;

namespace HookGateway.Verify;

/// <summary>
/// Finds the values of paths in a body that is valid JSON, in a fraction of the time of <see cref="Utf8JsonReader"/>. It takes nothing
/// that the reader would refuse; whatever it does not take, be it invalid or a name with escapes, is the reader's to judge.
/// </summary>
/// <param name="body">Valid UTF-8.</param>
/// <param name="found">Room for the values; those that are absent stay as they are.</param>
internal ref struct JsonScanner(ReadOnlySpan<byte> body, Span<JsonSlice> found)
{
    // Bits of tab, line feed, carriage return and space.
    private const ulong Spaces = 1UL << '\t' | 1UL << '\n' | 1UL << '\r' | 1UL << ' ';

    // What ends a run of plain characters in a string; control characters are not allowed in one.
    private static readonly SearchValues<byte> Stops =
        SearchValues.Create([(byte)'"', (byte)'\\', .. Enumerable.Range(0, 0x20).Select(static code => (byte)code)]);

    private readonly ReadOnlySpan<byte> _body = body;
    private readonly Span<JsonSlice> _found = found;
    private int _at;

    /// <summary>Reads the whole body.</summary>
    /// <returns>Whether it did; else nothing of what it found counts.</returns>
    public bool TryScan(JsonPathNode root)
    {
        if (!Value(root, depth: 0))
            return false;

        _at = PassSpaces(_body, _at);
        return _at == _body.Length;
    }

    private bool Value(JsonPathNode? node, int depth)
    {
        if (node is null)
            return Pass(depth);

        var start = _at = PassSpaces(_body, _at);
        var type = TypeOf(Peek(_body, start));
        var isRead = type switch
        {
            JsonTokenType.StartObject when node.Properties.Length > 0 => depth < JsonPathTree.MaxDepth && Object(node, depth + 1),
            JsonTokenType.StartArray when node.Elements.Length > 0 => depth < JsonPathTree.MaxDepth && Array(node, depth + 1),
            _ => Pass(depth),
        };
        if (isRead && node.Slot >= 0)
            _found[node.Slot] = SliceOf(type, start);

        return isRead;
    }

    private bool Object(JsonPathNode node, int depth)
    {
        _at = PassSpaces(_body, _at + 1);
        if (Peek(_body, _at) == '}')
        {
            _at++;
            return true;
        }

        while (true)
        {
            _at = PassSpaces(_body, _at);
            var start = _at + 1;
            if (Peek(_body, _at) != '"' || !PassText(_body, ref _at))
                return false;

            var name = _body[start..(_at - 1)];
            _at = PassSpaces(_body, _at);
            if (Peek(_body, _at++) != ':' || name.Contains((byte)'\\'))
                return false;

            var child = node.Property(name);

            // Of a repeated property the last counts, and with it only what the last one holds.
            child?.Clear(_found);
            if (!Value(child, depth))
                return false;

            _at = PassSpaces(_body, _at);
            var next = Peek(_body, _at++);
            if (next != ',')
                return next == '}';
        }
    }

    private bool Array(JsonPathNode node, int depth)
    {
        _at = PassSpaces(_body, _at + 1);
        if (Peek(_body, _at) == ']')
        {
            _at++;
            return true;
        }

        for (var index = 0; ; index++)
        {
            if (!Value(node.Element(index), depth))
                return false;

            _at = PassSpaces(_body, _at);
            var next = Peek(_body, _at++);
            if (next != ',')
                return next == ']';
        }
    }

    /// <summary>
    /// Passes a value of which nothing within is wanted: most of a body. What is open is remembered as bits, for there are no more
    /// levels than an integer has, and the place in a local variable.
    /// </summary>
    private bool Pass(int depth)
    {
        var body = _body;
        var at = _at;
        var (open, objects) = (0, 0UL);
        while (true)
        {
            at = PassSpaces(body, at);
            var first = Peek(body, at);
            if (first is '{' or '[')
            {
                if (depth + open >= JsonPathTree.MaxDepth)
                    return false;

                open++;
                objects = (objects << 1) | (first == '{' ? 1UL : 0);
                at = PassSpaces(body, at + 1);
                if (Peek(body, at) != first + 2)
                {
                    // "]" and "}" are two behind the brackets that they close.
                    if (first == '{' && !PassName(body, ref at))
                        return false;

                    continue;
                }
            }
            else if (!PassScalar(body, first, ref at))
            {
                return false;
            }
            else if (open == 0)
            {
                _at = at;
                return true;
            }

            // Behind a value, or at the end of what is empty.
            while (true)
            {
                at = PassSpaces(body, at);
                var next = Peek(body, at++);
                if (next == ',')
                    break;

                if (next != ((objects & 1) == 0 ? ']' : '}'))
                    return false;

                objects >>= 1;
                if (--open == 0)
                {
                    _at = at;
                    return true;
                }
            }

            if ((objects & 1) == 1 && !PassName(body, ref at))
                return false;
        }
    }

    private readonly JsonSlice SliceOf(JsonTokenType type, int start) => type switch
    {
        JsonTokenType.StartObject or JsonTokenType.StartArray => new JsonSlice(start, 1, type, false),
        JsonTokenType.String => new JsonSlice(
            start + 1, _at - start - 2, type, _body[(start + 1)..(_at - 1)].Contains((byte)'\\')),
        _ => new JsonSlice(start, _at - start, type, false),
    };

    private static JsonTokenType TypeOf(int first) => first switch
    {
        '{' => JsonTokenType.StartObject,
        '[' => JsonTokenType.StartArray,
        '"' => JsonTokenType.String,
        't' => JsonTokenType.True,
        'f' => JsonTokenType.False,
        'n' => JsonTokenType.Null,
        _ => JsonTokenType.Number,
    };

    /// <summary>Passes a property's name and its colon.</summary>
    private static bool PassName(ReadOnlySpan<byte> body, ref int at)
    {
        at = PassSpaces(body, at);
        if (Peek(body, at) != '"' || !PassText(body, ref at))
            return false;

        at = PassSpaces(body, at);
        return Peek(body, at++) == ':';
    }

    private static bool PassScalar(ReadOnlySpan<byte> body, int first, ref int at) => first switch
    {
        '"' => PassText(body, ref at),
        't' => PassWord(body, "true"u8, ref at),
        'f' => PassWord(body, "false"u8, ref at),
        'n' => PassWord(body, "null"u8, ref at),
        _ => PassNumber(body, ref at),
    };

    private static bool PassWord(ReadOnlySpan<byte> body, ReadOnlySpan<byte> word, ref int at)
    {
        var isThere = body[at..].StartsWith(word);
        at += word.Length;
        return isThere;
    }

    /// <summary>Passes a string, from its opening quote on.</summary>
    private static bool PassText(ReadOnlySpan<byte> body, ref int at)
    {
        for (var to = at + 1; ;)
        {
            to = EndOfPlain(body, to);
            switch (Peek(body, to))
            {
                case '"':
                    at = to + 1;
                    return true;

                case '\\' when EscapeLength(body, to) is > 0 and var length:
                    to += length;
                    break;

                default:
                    return false;
            }
        }
    }

    /// <summary>Where a run of plain characters ends.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int EndOfPlain(ReadOnlySpan<byte> body, int at)
    {
        // Most strings are short: calling somebody to search them costs more than the search.
        for (; at <= body.Length - Vector256<byte>.Count; at += Vector256<byte>.Count)
        {
            var bytes = Vector256.LoadUnsafe(ref MemoryMarshal.GetReference(body), (nuint)at);
            var stops = Vector256.Equals(bytes, Vector256.Create((byte)'"'))
                | Vector256.Equals(bytes, Vector256.Create((byte)'\\'))
                | Vector256.LessThan(bytes, Vector256.Create((byte)' '));
            if (stops != Vector256<byte>.Zero)
                return at + BitOperations.TrailingZeroCount(stops.ExtractMostSignificantBits());
        }

        var left = body[at..].IndexOfAny(Stops);
        return left < 0 ? body.Length : at + left;
    }

    /// <summary>How long an escape is; 0 where it is none.</summary>
    private static int EscapeLength(ReadOnlySpan<byte> body, int at)
    {
        switch (Peek(body, at + 1))
        {
            case '"' or '\\' or '/' or 'b' or 'f' or 'n' or 'r' or 't':
                return 2;

            case 'u' when at + 6 <= body.Length:
                foreach (var digit in body.Slice(at + 2, 4))
                {
                    if (!char.IsAsciiHexDigit((char)digit))
                        return 0;
                }

                return 6;

            default:
                return 0;
        }
    }

    private static bool PassNumber(ReadOnlySpan<byte> body, ref int at)
    {
        if (Peek(body, at) == '-')
            at++;

        // A leading zero stands alone.
        if (Peek(body, at) == '0')
            at++;
        else if (!PassDigits(body, ref at))
            return false;

        if (Peek(body, at) == '.')
        {
            at++;
            if (!PassDigits(body, ref at))
                return false;
        }

        if (Peek(body, at) is not ('e' or 'E'))
            return true;

        at++;
        if (Peek(body, at) is '+' or '-')
            at++;

        return PassDigits(body, ref at);
    }

    private static bool PassDigits(ReadOnlySpan<byte> body, ref int at)
    {
        var start = at;
        while (Peek(body, at) is >= '0' and <= '9')
            at++;

        return at > start;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int PassSpaces(ReadOnlySpan<byte> body, int at)
    {
        while ((uint)at < (uint)body.Length && body[at] <= ' ' && (Spaces >> body[at] & 1) != 0)
            at++;

        return at;
    }

    /// <summary>-1 at the end.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int Peek(ReadOnlySpan<byte> body, int at) => (uint)at < (uint)body.Length ? body[at] : -1;
}
