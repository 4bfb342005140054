using System.Globalization;

namespace HookGateway.Load.Machine;

/// <summary>What processes have used so far, with all processes that they started.</summary>
/// <param name="CpuSeconds">In user and kernel mode, children that have ended included.</param>
/// <param name="Resident">Bytes of memory now.</param>
/// <param name="Peak">The sum of the most that each ever had.</param>
/// <param name="WriteCalls">Bytes handed to write calls; what is sent over sockets is not among them.</param>
/// <param name="Written">Bytes that went, or will go, to a disk.</param>
internal readonly record struct ProcessUsage(double CpuSeconds, long Resident, long Peak, long WriteCalls, long Written)
{
    // USER_HZ, which Linux fixes for what it shows in /proc.
    private const double TicksPerSecond = 100;

    /// <summary>Of these processes, now. One that has ended counts as nothing.</summary>
    public static ProcessUsage Of(IEnumerable<int> roots)
    {
        var sum = default(ProcessUsage);
        foreach (var id in roots.SelectMany(Family))
        {
            var status = ReadOrEmpty($"/proc/{id}/status");
            var io = ReadOrEmpty($"/proc/{id}/io");
            sum = new ProcessUsage(
                sum.CpuSeconds + CpuSecondsIn(ReadOrEmpty($"/proc/{id}/stat")),
                sum.Resident + (1024 * Field(status, "VmRSS")),
                sum.Peak + (1024 * Field(status, "VmHWM")),
                sum.WriteCalls + Field(io, "wchar"),
                sum.Written + Field(io, "write_bytes"));
        }

        return sum;
    }

    /// <summary>The processor time in a <c>/proc/PID/stat</c>; 0 where there is none.</summary>
    internal static double CpuSecondsIn(string stat)
    {
        const int UserTime = 11, Times = 4;

        // The program's name, in brackets, can hold spaces and brackets.
        var fields = stat[(stat.LastIndexOf(')') + 1)..].Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return fields.Skip(UserTime).Take(Times).Sum(ticks => long.Parse(ticks, CultureInfo.InvariantCulture)) / TicksPerSecond;
    }

    /// <summary>The number in a line <c>NAME: 123</c>, whatever its unit; 0 where there is none.</summary>
    internal static long Field(string text, string name)
    {
        var line = text.Split('\n').FirstOrDefault(line => line.StartsWith($"{name}:", StringComparison.Ordinal));
        var words = line?.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        return words is [_, var number, ..] ? long.Parse(number, CultureInfo.InvariantCulture) : 0;
    }

    private static IEnumerable<int> Family(int id) =>
        Directory.Exists($"/proc/{id}/task")
            ? Directory.GetDirectories($"/proc/{id}/task")
                .SelectMany(thread => ReadOrEmpty($"{thread}/children").Split(' ', StringSplitOptions.RemoveEmptyEntries))
                .SelectMany(child => Family(int.Parse(child, CultureInfo.InvariantCulture)))
                .Prepend(id)
            : [];

    private static string ReadOrEmpty(string path)
    {
        try
        {
            return File.ReadAllText(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // It has ended meanwhile.
            return "";
        }
    }
}
