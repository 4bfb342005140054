namespace HookGateway.Events;

/// <summary>One event as a source sent it: verified, named, and not changed since.</summary>
public sealed record WebhookEvent
{
    /// <summary>Given by the store at acceptance; <see langword="default"/> before.</summary>
    public EventId Id { get; init; }

    /// <summary>The configured name of the source that sent it.</summary>
    public required string Source { get; init; }

    /// <summary>Who made it. Default: its sender.</summary>
    public EventOrigin Origin { get; init; }

    /// <summary>What happened, in the sender's words (<c>sr.created</c>): what routes look at.</summary>
    public required string Name { get; init; }

    /// <summary>The sender's own id of the event, where it gives one. Forwarded as <c>X-HookGateway-Source-Id</c>.</summary>
    public string? SourceId { get; init; }

    /// <summary>What the event is about (SysAid: the record's id), where the source configures a <c>key</c>.</summary>
    public string? Key { get; init; }

    /// <summary>When the request arrived, to the millisecond.</summary>
    public required DateTimeOffset ReceivedAt { get; init; }

    /// <summary>The sender's Content-Type, forwarded as it is; <see langword="null"/> where it sent none.</summary>
    public string? ContentType { get; init; }

    /// <summary>Those of the sender's headers that a destination asks for (<c>forwardHeaders</c>); a name may stand several times.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Headers { get; init; } = [];

    /// <summary>The body, byte for byte as received. Never changed after creation.</summary>
    public required ReadOnlyMemory<byte> Body { get; init; }

    /// <summary>Bytes that it takes in memory, about: its body and the headers that are kept.</summary>
    public int Size => Headers.Count == 0 ? Body.Length : Body.Length + Headers.Sum(static header => sizeof(char) * (header.Key.Length + header.Value.Length));

    /// <summary>Its place in the trace.</summary>
    public required TraceContext Trace { get; init; }
}
