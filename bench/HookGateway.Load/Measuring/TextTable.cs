using System.Text;

namespace HookGateway.Load.Measuring;

/// <summary>A table as Markdown has it, its columns in line.</summary>
internal static class TextTable
{
    /// <summary>Writes it; the first column is text, the others are numbers.</summary>
    public static string Write(IReadOnlyList<string> head, IReadOnlyList<IReadOnlyList<string>> rows)
    {
        var widths = head.Select((cell, column) => rows.Select(row => row[column].Length).Append(cell.Length).Max()).ToArray();
        var text = new StringBuilder();
        Append(text, head.Select((cell, column) => Pad(cell, column)));
        Append(text, widths.Select((width, column) => column == 0 ? new string('-', width) : $"{new string('-', width - 1)}:"));
        foreach (var row in rows)
            Append(text, row.Select((cell, column) => Pad(cell, column)));
        return text.ToString();

        string Pad(string cell, int column) => column == 0 ? cell.PadRight(widths[column]) : cell.PadLeft(widths[column]);
    }

    private static void Append(StringBuilder text, IEnumerable<string> cells) =>
        text.Append("| ").AppendJoin(" | ", cells).Append(" |\n");
}
