using System.Globalization;

namespace HookGateway.Load.Machine;

/// <summary>Some of the machine's CPUs, written as <c>taskset</c> takes them: <c>0</c>, <c>0,2</c>, <c>1-3</c>.</summary>
internal sealed record CpuSet(string Text)
{
    private const double TicksPerSecond = 100;

    /// <summary>Their numbers.</summary>
    /// <exception cref="FormatException">The text is no list of CPUs.</exception>
    public IReadOnlySet<int> Numbers { get; } = Parse(Text);

    /// <summary>The words that bind a command to them.</summary>
    public IReadOnlyList<string> Wrapper => ["taskset", "-c", Text];

    /// <summary>For how long they have been busy since the machine's start, by a <c>/proc/stat</c>, all together.</summary>
    public double BusySeconds(string stat) => stat.Split('\n').Sum(line =>
    {
        var words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return words is [['c', 'p', 'u', .. var number], ..] && int.TryParse(number, out var cpu) && Numbers.Contains(cpu) ? Busy(words) : 0;
    });

    /// <summary>The same, now.</summary>
    public double BusySeconds() => BusySeconds(File.ReadAllText("/proc/stat"));

    /// <inheritdoc/>
    public override string ToString() => Text;

    // user nice system idle iowait irq softirq steal: all but the fourth and fifth.
    private static double Busy(string[] words)
    {
        const int Idle = 4, IoWait = 5, Steal = 8;
        return Enumerable.Range(1, Steal).Where(column => column is not (Idle or IoWait))
            .Sum(column => long.Parse(words[column], CultureInfo.InvariantCulture)) / TicksPerSecond;
    }

    private static HashSet<int> Parse(string text)
    {
        var numbers = new HashSet<int>();
        foreach (var part in text.Split(','))
        {
            var ends = part.Split('-').Select(end => int.Parse(end, NumberStyles.None, CultureInfo.InvariantCulture)).ToArray();
            if (ends.Length > 2 || ends[^1] < ends[0] || ends[^1] > 4095)
                throw new FormatException($"'{text}' is no list of CPUs.");
            numbers.UnionWith(Enumerable.Range(ends[0], ends[^1] - ends[0] + 1));
        }

        return numbers;
    }
}
