using System.Collections.Frozen;
using HookGateway.Configuration.Reading;

namespace HookGateway.Configuration.Sections;

/// <summary>Reads <c>forwardHeaders</c> of a destination.</summary>
internal static class ForwardHeadersReader
{
    private const string OwnPrefix = "X-HookGateway-";

    // What the gateway writes itself, and what says how the body is to be read: Content-Type passes in any case.
    private static readonly FrozenSet<string> Own = FrozenSet.Create(
        StringComparer.OrdinalIgnoreCase, "Content-Encoding", "Content-Type", "traceparent", "tracestate", "webhook-id",
        "webhook-signature", "webhook-timestamp");

    /// <summary>Whether a sender's header stays behind whatever is configured.</summary>
    public static bool CannotBeForwarded(string name) =>
        HeadersReader.BelongsToConnection(name) || Own.Contains(name) || name.StartsWith(OwnPrefix, StringComparison.OrdinalIgnoreCase);

    public static IReadOnlyList<string> Read(MappingReader destination)
    {
        var patterns = destination.List("forwardHeaders", Kinds.HeaderName, [], mayBeEmpty: true);
        foreach (var name in patterns.Where(CannotBeForwarded))
            destination.Fault("forwardHeaders", $"{Quote.Of(name)} cannot be forwarded: it is the connection's or the gateway's own");
        return patterns;
    }
}
