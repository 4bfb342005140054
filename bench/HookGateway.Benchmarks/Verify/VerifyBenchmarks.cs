using BenchmarkDotNet.Attributes;
using HookGateway.Verify;

namespace HookGateway.Benchmarks.Verify;

/// <summary>What it costs to tell that a request is its source's. The budget: the hash of the body, and no garbage.</summary>
[MemoryDiagnoser]
public class VerifyBenchmarks
{
    private readonly ReceivedRequest _request = SampleRequest.Make();
    private readonly SourceVerifier _oneSecret = new(SampleRequest.Source, TimeProvider.System);

    private readonly SourceVerifier _twoSecrets =
        new(SampleRequest.Source with { Secrets = [.. SampleRequest.Source.Secrets, "another"] }, TimeProvider.System);

    [Benchmark(Baseline = true)]
    public object OneSecret() => _oneSecret.Verify(_request);

    [Benchmark]
    public object TwoSecrets() => _twoSecrets.Verify(_request);
}
