using HookGateway.Coalesce;
using HookGateway.Configuration;
using HookGateway.Events;
using HookGateway.Verify;

namespace HookGateway.Pipeline;

/// <summary>A source, compiled: what its requests pass.</summary>
internal sealed class SourceRuntime(SourceConfiguration source, TimeProvider time)
{
    public string Name => source.Name;

    public TimeSpan DedupeWindow => source.Dedupe.Window;

    public int AnswerStatus => source.AnswerStatus;

    /// <summary>Whether its requests are kept for <c>signature detect</c> and go no further.</summary>
    public bool OnlyCaptures => source.Verify is VerifyConfiguration.Capture;

    public SourceVerifier Verifier { get; } = new(source, time);

    public EventReader Reader { get; } = new(source);

    /// <summary>How its events of one key are held against each other; <see langword="null"/>: they are not.</summary>
    public SourceCoalescing? Coalescing { get; } = SourceCoalescing.Of(source);

    public WebhookEvent ToEvent(IdentifyResult.Identified identified, ReceivedRequest request, TraceContext trace) => new()
    {
        Source = source.Name,
        Name = identified.Name,
        SourceId = identified.SourceId,
        Key = identified.Key,
        ReceivedAt = request.ReceivedAt,
        ContentType = request.Headers.ContentType.Count == 1 ? request.Headers.ContentType[0] : null,
        Body = request.Body,
        Trace = trace,
    };
}
