using System.Diagnostics;
using System.Globalization;
using HookGateway.Load.Loading;
using HookGateway.Load.Machine;
using HookGateway.Load.Measuring;
using HookGateway.Load.Peers;
using HookGateway.Testing;

namespace HookGateway.Load.Commands;

/// <summary>One scenario from its first process to its last.</summary>
internal static class LoadRun
{
    /// <summary>Runs it, prints the tables, and writes the file.</summary>
    public static async Task RunAsync(Scenario scenario, Settings settings, string json, CancellationToken cancellationToken)
    {
        BindThisProcess(settings.LoadCpus);
        using var directory = new TemporaryDirectory();
        var hardware = await Hardware.ReadAsync(directory.Path, cancellationToken);
        await Console.Error.WriteLineAsync($"{hardware}");
        if (hardware.IsInMemory)
            await Console.Error.WriteLineAsync("The stores lie in memory, where a sync costs nothing: set TMPDIR to a directory on a disk.");

        var candidates = scenario.CandidatesFor(settings);
        await using var receiver = scenario.IsPaced ? await LagReceiver.StartAsync() : null;
        await using var sink = scenario.IsPaced ? null : await Sink.StartAsync(settings.LoadCpus, directory.Path, answer: 204);
        await using var otlp = candidates.Any(candidate => candidate.Gateway.Sampling is not null)
            ? await Sink.StartAsync(settings.LoadCpus, directory.Path, answer: 200)
            : null;
        var rig = new Rig(
            settings.ServerCpus, (IDownstream?)receiver ?? sink!, otlp?.Url, directory.Path, TestCertificate.SelfSigned().WriteTo(directory.Path));
        var wrk = new WrkLoad(settings.LoadCpus, settings.Connections, settings.Threads, directory.Write("body.json", SampleEvent.Template));
        var comparison = new Comparison(rig, settings, wrk, receiver is null ? null : rate => new PacedLoad(rate, receiver, directory.Path));
        var rows = await comparison.RunAsync(candidates, settings.Starts ?? scenario.Starts, cancellationToken);

        Console.WriteLine(hardware);
        Console.WriteLine(ResultTables.Write(rows));
        await new Report(scenario.Name, TimeProvider.System.GetUtcNow(), hardware, settings, rows).WriteAsync(json, cancellationToken);
        await Console.Error.WriteLineAsync($"written: {json}");
    }

    // All threads that there are; later ones inherit it. Servers are bound to theirs when they start.
    private static void BindThisProcess(CpuSet cpus)
    {
        var self = Environment.ProcessId.ToString(CultureInfo.InvariantCulture);
        var command = new ProcessStartInfo("taskset", ["-a", "-c", "-p", cpus.Text, self]) { RedirectStandardOutput = true };
        using var taskset = Process.Start(command)!;
        taskset.WaitForExit();
        if (taskset.ExitCode != 0)
            throw new InvalidOperationException($"taskset cannot bind this process to CPU {cpus.Text}: has the machine such a CPU?");
    }
}
