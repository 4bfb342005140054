using System.Buffers;
using System.Text.Json;

namespace HookGateway.Verify;

/// <summary>
/// Finds the values of paths in a body that is valid JSON, in a third of the time of <see cref="Utf8JsonReader"/>. It takes nothing
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
    public bool TryScan(JsonPathNode root) => Value(root, depth: 0) && Next() < 0;

    private bool Value(JsonPathNode? node, int depth)
    {
        var first = Next();
        var start = _at;
        switch (first)
        {
            case '"':
                if (!Text(out var isEscaped))
                    return false;

                Keep(node, start + 1, _at - start - 2, JsonTokenType.String, isEscaped);
                return true;

            case '{':
                Keep(node, start, 1, JsonTokenType.StartObject);
                return depth < JsonPathTree.MaxDepth && Object(node, depth + 1);

            case '[':
                Keep(node, start, 1, JsonTokenType.StartArray);
                return depth < JsonPathTree.MaxDepth && Array(node, depth + 1);

            case 't':
                return Word("true"u8, JsonTokenType.True, node);

            case 'f':
                return Word("false"u8, JsonTokenType.False, node);

            case 'n':
                return Word("null"u8, JsonTokenType.Null, node);

            default:
                if (!Number())
                    return false;

                Keep(node, start, _at - start, JsonTokenType.Number);
                return true;
        }
    }

    private bool Object(JsonPathNode? node, int depth)
    {
        _at++;
        if (Next() == '}')
        {
            _at++;
            return true;
        }

        while (true)
        {
            if (Next() != '"')
                return false;

            var start = _at + 1;
            if (!Text(out var isEscaped) || isEscaped)
                return false;

            var name = _body[start..(_at - 1)];
            if (Next() != ':')
                return false;

            _at++;
            var child = node?.Property(name);

            // Of a repeated property the last counts, and with it only what the last one holds.
            child?.Clear(_found);
            if (!Value(child, depth))
                return false;

            var next = Next();
            _at++;
            if (next != ',')
                return next == '}';
        }
    }

    private bool Array(JsonPathNode? node, int depth)
    {
        _at++;
        if (Next() == ']')
        {
            _at++;
            return true;
        }

        for (var index = 0; ; index++)
        {
            if (!Value(node?.Element(index), depth))
                return false;

            var next = Next();
            _at++;
            if (next != ',')
                return next == ']';
        }
    }

    private readonly void Keep(JsonPathNode? node, int start, int length, JsonTokenType type, bool isEscaped = false)
    {
        if (node is { Slot: >= 0 and var slot })
            _found[slot] = new JsonSlice(start, length, type, isEscaped);
    }

    private bool Word(ReadOnlySpan<byte> word, JsonTokenType type, JsonPathNode? node)
    {
        if (!_body[_at..].StartsWith(word))
            return false;

        Keep(node, _at, word.Length, type);
        _at += word.Length;
        return true;
    }

    /// <summary>Passes a string, from its opening quote on.</summary>
    private bool Text(out bool isEscaped)
    {
        isEscaped = false;
        _at++;
        while (true)
        {
            var plain = _body[_at..].IndexOfAny(Stops);
            if (plain < 0)
                return false;

            _at += plain;
            if (_body[_at] != '\\')
                return _body[_at++] == '"';

            isEscaped = true;
            if (!Escape())
                return false;
        }
    }

    private bool Escape()
    {
        _at++;
        switch (Here)
        {
            case '"' or '\\' or '/' or 'b' or 'f' or 'n' or 'r' or 't':
                _at++;
                return true;

            case 'u' when _at + 5 <= _body.Length:
                foreach (var digit in _body.Slice(_at + 1, 4))
                {
                    if (!char.IsAsciiHexDigit((char)digit))
                        return false;
                }

                _at += 5;
                return true;

            default:
                return false;
        }
    }

    private bool Number()
    {
        if (Here == '-')
            _at++;

        // A leading zero stands alone.
        if (Here == '0')
            _at++;
        else if (!Digits())
            return false;

        if (Here == '.')
        {
            _at++;
            if (!Digits())
                return false;
        }

        if (Here is not ('e' or 'E'))
            return true;

        _at++;
        if (Here is '+' or '-')
            _at++;

        return Digits();
    }

    private bool Digits()
    {
        var start = _at;
        while (Here is >= '0' and <= '9')
            _at++;

        return _at > start;
    }

    private readonly int Here => (uint)_at < (uint)_body.Length ? _body[_at] : -1;

    /// <summary>Passes over white space.</summary>
    /// <returns>What follows; -1 at the end.</returns>
    private int Next()
    {
        while (Here is >= 0 and <= ' ' and var code && (Spaces >> code & 1) != 0)
            _at++;

        return Here;
    }
}
