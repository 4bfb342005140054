using System.CommandLine;
using System.CommandLine.Parsing;
using HookGateway.Load.Loading;
using HookGateway.Load.Machine;
using HookGateway.Load.Measuring;
using HookGateway.Load.Peers;
using HookGateway.Testing;

namespace HookGateway.Load.Commands;

/// <summary>Runs a scenario: the program without a verb.</summary>
internal sealed class ScenarioCommand : RootCommand
{
    private static readonly Settings Defaults = new();

    private readonly Argument<string> _scenario = new("SCENARIO")
    {
        Description = $"One of:\n{string.Join('\n', Scenario.All.Select(scenario => $"{scenario.Name,-10} {scenario.Description}"))}\n",
        DefaultValueFactory = _ => Scenario.All[0].Name,
    };
    private readonly Option<int> _starts = Number("--starts", "How often all are started anew; 0 for 3, with store and paced 1.", 0, 0, 1000);
    private readonly Option<int> _rounds = Number("--rounds", "How often each server gets its turn after a start.", Defaults.Rounds, 1, 1000);
    private readonly Option<int> _seconds = Number("--seconds", "How long each turn is.", Defaults.Seconds, 1, 86_400);
    private readonly Option<int> _warmUp = Number("--warm-up", "How many bursts of 2 s a server gets at most before the first round.", Defaults.WarmUp, 1, 1000);
    private readonly Option<int> _connections = Number("--connections", "Connections of the load.", Defaults.Connections, 1, 10_000);
    private readonly Option<int> _threads = Number("--threads", "Threads of wrk.", Defaults.Threads, 1, 256);
    private readonly Option<CpuSet> _serverCpus = Cpus("--server-cpus", "Where the servers run.", Defaults.ServerCpus);
    private readonly Option<CpuSet> _loadCpus = Cpus("--load-cpus", "Where the load and the downstream run.", Defaults.LoadCpus);
    private readonly Option<int> _rate = Number("--rate", "paced: events a second; 0 for half of what the gateway bears.", 0, 0, 1_000_000);
    private readonly Option<int> _stored = Number("--stored", "store: delivered events in the big store.", (int)Defaults.Stored, 1, 100_000_000);
    private readonly Option<int> _marks = Number("--marks", "store: how many of them are within the dedupe window.", (int)Defaults.Marks, 0, 100_000_000);
    private readonly Option<int> _pending = Number("--pending", "store: events owed to a dead destination.", (int)Defaults.Pending, 1, 100_000_000);
    private readonly Option<string[]> _only = new("--only")
    {
        Description = "Only rows whose name has TEXT in it; several times for several.",
        HelpName = "TEXT",
        DefaultValueFactory = _ => [],
    };
    private readonly Option<string?> _json = new("--json")
    {
        Description = "Where the result goes. Default: a new file in bench/load/results.",
        HelpName = "FILE",
    };
    private readonly Option<bool> _smoke = new("--smoke") { Description = "One short round: whether everything works, not how fast." };

    public ScenarioCommand() : base(
        "Measures the gateway beside bare Kestrel and YARP on this machine: starts everything, lets all take turns under one load, "
        + "prints a table and writes a JSON file. Needs wrk and nginx.")
    {
        _scenario.AcceptOnlyFromAmong([.. Scenario.All.Select(scenario => scenario.Name)]);
        Add(_scenario);
        foreach (var option in new Option[]
                 { _starts, _rounds, _seconds, _warmUp, _connections, _threads, _serverCpus, _loadCpus, _rate, _stored, _marks, _pending, _only, _json, _smoke })
            Add(option);
        SetAction(RunAsync);
    }

    private async Task<int> RunAsync(ParseResult line, CancellationToken cancellationToken)
    {
        var settings = Read(line);
        var scenario = Scenario.All.Single(scenario => scenario.Name == line.GetRequiredValue(_scenario));
        var withRedis = scenario.CandidatesFor(settings).Any(candidate => candidate.Gateway.OnRedis);
        var missing = Tools.Missing(Environment.GetEnvironmentVariable("PATH"), withRedis);
        foreach (var tool in missing)
            await Console.Error.WriteLineAsync(tool);
        if (missing.Count > 0 || Fault(settings, scenario) is { } fault && Tell(fault))
            return 2;

        try
        {
            var json = line.GetValue(_json) ?? Repository.File(
                "bench", "load", "results", $"{scenario.Name}-{TimeProvider.System.GetUtcNow():yyyyMMdd-HHmmss}.json");
            await LoadRun.RunAsync(scenario, settings, json, cancellationToken);
            return 0;
        }
        catch (OperationCanceledException)
        {
            return Failed("ended");
        }
        catch (Exception e) when (e is InvalidOperationException or InvalidDataException or TimeoutException or IOException)
        {
            return Failed(e.Message);
        }
    }

    private Settings Read(ParseResult line)
    {
        var settings = new Settings
        {
            Starts = line.GetValue(_starts) is var starts and not 0 ? starts : null,
            Rounds = line.GetValue(_rounds),
            Seconds = line.GetValue(_seconds),
            WarmUp = line.GetValue(_warmUp),
            Connections = line.GetValue(_connections),
            Threads = line.GetValue(_threads),
            ServerCpus = line.GetRequiredValue(_serverCpus),
            LoadCpus = line.GetRequiredValue(_loadCpus),
            Rate = line.GetValue(_rate) is var rate and not 0 ? rate : null,
            Stored = line.GetValue(_stored),
            Marks = line.GetValue(_marks),
            Pending = line.GetValue(_pending),
            Only = line.GetRequiredValue(_only),
        };
        return line.GetValue(_smoke) ? settings.Smoke() : settings;
    }

    private static string? Fault(Settings settings, Scenario scenario) =>
        settings.Threads > settings.Connections ? "--threads: more than --connections; wrk gives each thread some."
        : settings.Marks > settings.Stored ? "--marks: more than --stored, of which they are a part."
        : scenario.CandidatesFor(settings).Count == 0
            ? $"--only: no row of '{scenario.Name}' has that in its name; there are: {string.Join("; ", scenario.Candidates(settings).Select(row => row.Name))}."
        : null;

    private static int Failed(string message)
    {
        Tell(message);
        return 1;
    }

    private static bool Tell(string message)
    {
        Console.Error.WriteLine(message);
        return true;
    }

    private static Option<int> Number(string name, string description, int value, int least, int most)
    {
        var option = new Option<int>(name) { Description = description, HelpName = "N", DefaultValueFactory = _ => value };
        option.Validators.Add(result =>
        {
            if (result.Tokens is [var token] && !(int.TryParse(token.Value, out var number) && number >= least && number <= most))
                result.AddError($"{name}: '{token.Value}' is no whole number from {least} to {most}.");
        });
        return option;
    }

    private static Option<CpuSet> Cpus(string name, string description, CpuSet value) => new(name)
    {
        Description = $"{description} A list as taskset takes it.",
        HelpName = "CPUS",
        DefaultValueFactory = _ => value,
        CustomParser = result => ParseCpus(name, result),
    };

    private static CpuSet? ParseCpus(string name, ArgumentResult result)
    {
        try
        {
            return new CpuSet(result.Tokens[0].Value);
        }
        catch (Exception e) when (e is FormatException or OverflowException)
        {
            result.AddError($"{name}: '{result.Tokens[0].Value}' is no list of CPUs such as 0 or 0,2-3.");
            return null;
        }
    }
}
