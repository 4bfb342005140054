using BenchmarkDotNet.Attributes;
using HookGateway.Configuration;
using HookGateway.Route;

namespace HookGateway.Benchmarks.Route;

/// <summary>What it costs to find an event's destinations, for names that recur and for ones never seen before.</summary>
[MemoryDiagnoser]
public class RouteBenchmarks
{
    private RouteTable _table = new([]);
    private int _next;

    [Params(10, 1000)]
    public int Routes { get; set; }

    [GlobalSetup]
    public void Setup() => _table = new RouteTable(Enumerable.Range(0, Routes).Select(i => new RouteConfiguration
    {
        Name = $"route-{i}",
        Source = "sysaid",
        Events = i % 2 == 0 ? [$"sr.event{i}"] : [$"*.event{i}.*"],
        To = ["jira"],
    }));

    [Benchmark(Baseline = true)]
    public object KnownName() => _table.Match("sysaid", "sr.event0");

    [Benchmark]
    public object NewName() => _table.Match("sysaid", $"sr.event{_next++}");
}
