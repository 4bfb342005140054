using System.Text.Json;
using BenchmarkDotNet.Attributes;
using HookGateway.Verify;

namespace HookGateway.Benchmarks.Verify;

/// <summary>What it costs to read an event's name, id, key and dedupe key. The budget: one pass, and the texts themselves.</summary>
[MemoryDiagnoser]
public class IdentifyBenchmarks
{
    private readonly ReceivedRequest _request = SampleRequest.Make();
    private readonly EventReader _paths = new(SampleRequest.Source);
    private readonly EventReader _content = new(SampleRequest.Source with { Id = [] });
    private readonly EventReader _computed = new(SampleRequest.Source with { Event = "join('.', [eventName, to_string(srId)])" });

    /// <summary>The least that a validating reader costs: the tokens alone.</summary>
    [Benchmark(Baseline = true)]
    public long TokensAlone()
    {
        var reader = new Utf8JsonReader(_request.Body.Span);
        while (reader.Read())
        {
        }

        return reader.BytesConsumed;
    }

    [Benchmark]
    public object PlainPaths() => _paths.Identify(_request);

    [Benchmark]
    public object ContentAsDedupeKey() => _content.Identify(_request);

    [Benchmark]
    public object ComputedName() => _computed.Identify(_request);
}
