using System.Text;
using Fluid;
using Fluid.Values;

namespace HookGateway.Deliver;

/// <summary>The gateway's own Liquid filters, beside the library's. None fails, whatever an event holds.</summary>
internal static class TemplateFilters
{
    private const char Ellipsis = '…';

    public static void AddTo(FilterCollection filters)
    {
        filters.AddFilter("java_text", (input, _, _) => StringValue.Create(JavaText.Of(input.ToStringValue())));
        filters.AddFilter("one_line", (input, arguments, _) =>
            StringValue.Create(OneLine(input.ToStringValue(), LengthOf(arguments.At(0)))));
        filters.AddFilter("escape_slack", (input, _, _) => StringValue.Create(EscapeSlack(input.ToStringValue())));
    }

    /// <summary>
    /// The text on one line: white space and control characters become single spaces, marks that turn the direction of writing
    /// go. What is longer is cut, never within a character.
    /// </summary>
    internal static string OneLine(string text, int length)
    {
        var line = new StringBuilder();
        foreach (var rune in text.EnumerateRunes())
        {
            if (TurnsDirection(rune.Value))
                continue;
            var isSpace = Rune.IsWhiteSpace(rune) || Rune.IsControl(rune);
            if (isSpace && (line.Length == 0 || line[^1] == ' '))
                continue;
            line.Append(isSpace ? " " : rune.ToString());
            if (line.Length > length)
                return Cut(line, length);
        }

        return line.ToString().TrimEnd(' ');
    }

    private static string Cut(StringBuilder line, int length)
    {
        line.Length = length - 1;
        if (line.Length > 0 && char.IsHighSurrogate(line[^1]))
            line.Length--;
        return line.Append(Ellipsis).ToString();
    }

    // Slack's documentation: these three, and no other character, are written as entities wherever text stands.
    private static string EscapeSlack(string text) => text
        .Replace("&", "&amp;", StringComparison.Ordinal)
        .Replace("<", "&lt;", StringComparison.Ordinal)
        .Replace(">", "&gt;", StringComparison.Ordinal);

    // The embeddings, overrides and isolates of Unicode's bidirectional algorithm.
    private static bool TurnsDirection(int rune) => rune is (>= 0x202A and <= 0x202E) or (>= 0x2066 and <= 0x2069);

    private static int LengthOf(FluidValue argument) =>
        argument.IsNil() ? int.MaxValue : (int)Math.Clamp(argument.ToNumberValue(), 1, int.MaxValue);
}
