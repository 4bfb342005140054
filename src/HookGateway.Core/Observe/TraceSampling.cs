using System.Diagnostics;
using HookGateway.Configuration;
using HookGateway.Events;
using OpenTelemetry.Trace;

namespace HookGateway.Observe;

/// <summary>
/// Which traces are kept. Asked before a span is made: of those that are not kept none is, instead of one that is dropped.
/// </summary>
internal sealed class TraceSampling(TelemetryConfiguration configuration)
{
    private readonly TraceIdRatioBasedSampler? _sampler = configuration.Otlp is null ? null : new(configuration.Sampling);

    /// <summary>Whether a trace is, by its id alone, so that every attempt of an event, whichever process makes it, decides the same.</summary>
    public bool Keeps(TraceContext trace) =>
        _sampler is null || _sampler.ShouldSample(new SamplingParameters(default, trace.TraceId, "", ActivityKind.Server)).Decision == SamplingDecision.RecordAndSample;
}
