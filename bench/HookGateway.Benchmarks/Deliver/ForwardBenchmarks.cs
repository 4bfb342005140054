using System.Diagnostics;
using BenchmarkDotNet.Attributes;
using HookGateway.Benchmarks.Verify;
using HookGateway.Configuration;
using HookGateway.Deliver;
using HookGateway.Events;
using HookGateway.Store;
using Microsoft.Extensions.DependencyInjection;

namespace HookGateway.Benchmarks.Deliver;

/// <summary>
/// What one attempt costs, from the lane's call to the end of the answer: the breaker, the time limit, YARP's cluster and client,
/// and a request over a kept connection to a downstream that answers 204 at once. Nothing is traced.
/// </summary>
[MemoryDiagnoser]
public class ForwardBenchmarks : IDisposable
{
    private readonly Delivery _delivery = new()
    {
        Event = new WebhookEvent
        {
            Id = new EventId(Guid.CreateVersion7(DateTimeOffset.UnixEpoch)),
            Source = SampleRequest.Source.Name,
            Name = "sr.created",
            SourceId = "01980000-0000-7000-8000-000000000001",
            Key = "148",
            ReceivedAt = DateTimeOffset.UnixEpoch,
            ContentType = "application/json",
            Body = SampleRequest.Body,
            Trace = new TraceContext(ActivityTraceId.CreateRandom(), ActivitySpanId.CreateRandom(), sampled: false),
        },
        Destination = "plain",
        Ordinal = 0,
        Attempts = 0,
        Lease = new Lease(1, 1),
    };

    private InstantDownstream? _downstream;
    private ServiceProvider? _services;
    private DestinationPipelines? _pipelines;

    [GlobalSetup]
    public void Configure()
    {
        _downstream = new InstantDownstream();
        var configuration = Read($$"""
            sources: { sysaid: { preset: sysaid, secrets: [secret] } }
            destinations:
              plain: { url: "{{_downstream.Url}}" }
              signed: { url: "{{_downstream.Url}}", sign: { secrets: [whsec_c2VjcmV0] } }
            routes: [{ source: sysaid, to: [plain, signed] }]
            """);
        _services = new ServiceCollection().AddLogging().AddRouting().AddSingleton(TimeProvider.System)
            .AddSingleton(configuration).AddDestinations(configuration).BuildServiceProvider();
        _pipelines = new DestinationPipelines(
            configuration, _services.GetRequiredService<DestinationClusters>(), new SteadyTimeProvider(TimeProvider.System));
    }

    internal InstantDownstream Downstream => _downstream!;

    [Benchmark(Baseline = true)]
    public Task Plain() => AttemptAsync("plain");

    [Benchmark]
    public Task WithSignature() => AttemptAsync("signed");

    private async Task AttemptAsync(string destination)
    {
        var result = await _pipelines!.Of(destination).AttemptAsync(_delivery, attempt: 1, span: null, CancellationToken.None);
        if (result is not PipelineResult.Made { Result.Succeeded: true })
            throw new InvalidOperationException($"The downstream did not take it: {result}");
    }

    private static GatewayConfiguration Read(string yaml) => ConfigurationLoader.Parse("benchmark.yaml", yaml, _ => null) switch
    {
        ConfigurationResult.Valid valid => valid.Configuration,
        var invalid => throw new InvalidOperationException($"The benchmark's configuration is wrong: {invalid}"),
    };

    [GlobalCleanup]
    public void Dispose()
    {
        _services?.Dispose();
        _downstream?.Dispose();
        GC.SuppressFinalize(this);
    }
}
