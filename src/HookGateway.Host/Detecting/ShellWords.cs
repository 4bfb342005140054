using System.Globalization;
using System.Text;

namespace HookGateway.Host.Detecting;

/// <summary>Splits a command line into words as a shell does: quotes of all three kinds, escapes, continued lines.</summary>
internal static class ShellWords
{
    /// <exception cref="FormatException">A quote is not closed.</exception>
    public static List<string> Split(string line)
    {
        var words = new List<string>();
        var word = new StringBuilder();
        var isWord = false;
        for (var at = 0; at < line.Length;)
        {
            var c = line[at];
            if (c is ' ' or '\t' or '\r' or '\n')
            {
                if (isWord)
                    words.Add(word.ToString());
                (isWord, at) = (false, at + 1);
                word.Clear();
                continue;
            }

            if (c == '\\' && LineEnd(line, at + 1) is > 0 and var skipped)
            {
                at += 1 + skipped;
                continue;
            }

            isWord = true;
            at = c switch
            {
                '\'' => Plain(line, at + 1, word),
                '"' => Double(line, at + 1, word),
                '$' when at + 1 < line.Length && line[at + 1] == '\'' => Escaped(line, at + 2, word),
                '\\' when at + 1 < line.Length => Take(line[at + 1], at + 2, word),
                _ => Take(c, at + 1, word),
            };
        }

        if (isWord)
            words.Add(word.ToString());
        return words;
    }

    private static int Take(char c, int next, StringBuilder word)
    {
        word.Append(c);
        return next;
    }

    private static int LineEnd(string line, int at) =>
        at < line.Length && line[at] == '\n' ? 1
        : at + 1 < line.Length && line[at] == '\r' && line[at + 1] == '\n' ? 2
        : 0;

    private static int Plain(string line, int at, StringBuilder word)
    {
        var end = line.IndexOf('\'', at);
        if (end < 0)
            throw Unclosed();
        word.Append(line, at, end - at);
        return end + 1;
    }

    private static int Double(string line, int at, StringBuilder word)
    {
        while (at < line.Length)
        {
            var c = line[at++];
            if (c == '"')
                return at;
            if (c == '\\' && LineEnd(line, at) is > 0 and var skipped)
                at += skipped;
            else if (c == '\\' && at < line.Length && line[at] is '"' or '\\' or '$' or '`')
                word.Append(line[at++]);
            else
                word.Append(c);
        }

        throw Unclosed();
    }

    private static int Escaped(string line, int at, StringBuilder word)
    {
        while (at < line.Length)
        {
            var c = line[at++];
            if (c == '\'')
                return at;
            if (c != '\\' || at == line.Length)
                word.Append(c);
            else
                at = Escape(line, at, word);
        }

        throw Unclosed();
    }

    private static int Escape(string line, int at, StringBuilder word)
    {
        var c = line[at++];
        switch (c)
        {
            case 'n': word.Append('\n'); break;
            case 'r': word.Append('\r'); break;
            case 't': word.Append('\t'); break;
            case 'a': word.Append('\a'); break;
            case 'b': word.Append('\b'); break;
            case 'e': word.Append('\e'); break;
            case 'f': word.Append('\f'); break;
            case 'v': word.Append('\v'); break;
            case 'x': return Code(line, at, 2, word);
            case 'u': return Code(line, at, 4, word);
            case 'U': return Code(line, at, 8, word);
            case '\\' or '\'' or '"' or '?': word.Append(c); break;
            default: word.Append('\\').Append(c); break;
        }

        return at;
    }

    private static int Code(string line, int at, int most, StringBuilder word)
    {
        var end = at;
        while (end < line.Length && end - at < most && char.IsAsciiHexDigit(line[end]))
            end++;
        if (end == at)
            throw new FormatException("a \\x or \\u in $'..' has no digits");
        var code = uint.Parse(line.AsSpan(at, end - at), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);

        // Halves of a pair come one by one, as browsers write them.
        if (code <= char.MaxValue)
            word.Append((char)code);
        else if (Rune.IsValid(code))
            word.Append(new Rune(code).ToString());
        else
            throw new FormatException("a \\U in $'..' is no character");
        return end;
    }

    private static FormatException Unclosed() => new("a quote is not closed");
}
