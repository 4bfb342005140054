namespace HookGateway.Configuration;

/// <summary>One of <c>routes</c>: which events of a source go to which destinations.</summary>
public sealed record RouteConfiguration
{
    /// <summary>For logs and lists. Default <c>route-N</c>, N from 1 in the file's order.</summary>
    public required string Name { get; init; }

    /// <summary>The source's name.</summary>
    public required string Source { get; init; }

    /// <summary>Globs on the event's name, case and all: <c>*</c> stands for any run of characters. Default <c>*</c>.</summary>
    public IReadOnlyList<string> Events { get; init; } = ["*"];

    /// <summary>
    /// JMESPath on the body: the route takes only events of which it is true, or gives something that is not empty. Default
    /// none: it takes all that <see cref="Events"/> names.
    /// </summary>
    public string? Where { get; init; }

    /// <summary>
    /// <c>mode: proxy</c>: a request is passed on at once and answered what the destination answers; nothing is stored for it.
    /// Default no: its event is stored, answered and delivered.
    /// </summary>
    public bool IsProxy { get; init; }

    /// <summary>
    /// <c>dedupe</c> of a proxy route: a request that its source's dedupe takes for a repeat of one that was passed on and
    /// answered with a 2xx is answered 200 and not passed on. Remembered by this process only. Default no.
    /// </summary>
    public bool Dedupes { get; init; }

    /// <summary>Names of destinations, at least one; exactly one of a proxy route. An event named by several routes still owes each destination once.</summary>
    public required IReadOnlyList<string> To { get; init; }
}
