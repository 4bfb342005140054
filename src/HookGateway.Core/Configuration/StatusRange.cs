using System.Globalization;

namespace HookGateway.Configuration;

/// <summary>HTTP statuses that follow each other: <c>410</c>, <c>400-404</c>, <c>4xx</c>.</summary>
/// <param name="First">The lowest.</param>
/// <param name="Last">The highest, itself included.</param>
public readonly record struct StatusRange(int First, int Last)
{
    private const int Lowest = 300;
    private const int Highest = 599;

    /// <summary>Whether the status is among them.</summary>
    public bool Contains(int status) => status >= First && status <= Last;

    /// <summary>Reads one of the three forms; statuses of failure only, 300 to 599.</summary>
    public static bool TryParse(string text, out StatusRange range)
    {
        if (text is [>= '3' and <= '5', 'x', 'x'])
        {
            var first = (text[0] - '0') * 100;
            range = new StatusRange(first, first + 99);
            return true;
        }

        var dash = text.IndexOf('-', StringComparison.Ordinal);
        var isRead = TryReadStatus(dash < 0 ? text : text[..dash], out var from);
        var to = from;
        isRead &= dash < 0 || TryReadStatus(text[(dash + 1)..], out to);
        range = new StatusRange(from, to);
        return isRead && from <= to;
    }

    /// <summary>As it is written in a configuration.</summary>
    public override string ToString() =>
        First == Last ? $"{First}" : First % 100 == 0 && Last == First + 99 ? $"{First / 100}xx" : $"{First}-{Last}";

    private static bool TryReadStatus(string text, out int status) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out status) && status is >= Lowest and <= Highest;
}
