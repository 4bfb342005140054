using System.Runtime.InteropServices;
using HookGateway.Load.Measuring;

namespace HookGateway.Load.Machine;

/// <summary>What a run was made on: numbers of different machines are not to be compared.</summary>
/// <param name="Cpu">The CPU's model.</param>
/// <param name="Cores">How many CPUs the system has.</param>
/// <param name="MemoryGiB">Main memory.</param>
/// <param name="System">The distribution and its kernel.</param>
/// <param name="Runtime">.NET's version.</param>
/// <param name="FileSystem">Of the directory that the stores lie in.</param>
/// <param name="SyncMilliseconds">The median of writing 4 KiB and syncing them there, before the run.</param>
internal sealed record Hardware(
    string Cpu, int Cores, double MemoryGiB, string System, string Runtime, string FileSystem, double SyncMilliseconds)
{
    private const double KibiPerGibi = 1024 * 1024;

    /// <summary>Looks at this machine for a second.</summary>
    /// <param name="directory">Where the stores will lie.</param>
    public static async Task<Hardware> ReadAsync(string directory, CancellationToken cancellationToken)
    {
        var cpu = (await File.ReadAllLinesAsync("/proc/cpuinfo", cancellationToken))
            .FirstOrDefault(line => line.StartsWith("model name", StringComparison.Ordinal))?.Split(':', 2)[1].Trim();
        var memory = ProcessUsage.Field(await File.ReadAllTextAsync("/proc/meminfo", cancellationToken), "MemTotal") / KibiPerGibi;
        var system = $"{RuntimeInformation.OSDescription}, Linux {(await File.ReadAllTextAsync("/proc/sys/kernel/osrelease", cancellationToken)).Trim()}";
        await using var probe = SyncProbe.Start(directory);
        await Task.Delay(TimeSpan.FromSeconds(1), TimeProvider.System, cancellationToken);
        var syncs = (await probe.StopAsync()).Select(sync => sync.Length.TotalMilliseconds);
        return new Hardware(
            cpu ?? RuntimeInformation.OSArchitecture.ToString(), CountCpus(), Math.Round(memory, 1), system,
            RuntimeInformation.FrameworkDescription, new DriveInfo(directory).DriveFormat, Math.Round(Percentile.Of(syncs, 50), 3));
    }

    /// <summary>Whether syncing costs nothing there, so that the numbers say little.</summary>
    public bool IsInMemory => FileSystem == "tmpfs";

    /// <summary>Some lines for people.</summary>
    public override string ToString() =>
        $"{Cpu}, {Cores} CPUs, {MemoryGiB} GiB; {System}; {Runtime}; stores on {FileSystem}, a sync of 4 KiB takes {SyncMilliseconds} ms";

    // Environment.ProcessorCount says how many this process may use.
    private static int CountCpus() =>
        File.ReadLines("/proc/stat").Count(line => line.StartsWith("cpu", StringComparison.Ordinal) && line.Length > 3 && char.IsAsciiDigit(line[3]));
}
