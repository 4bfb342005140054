using HookGateway.Store;
using Newtonsoft.Json.Linq;

namespace HookGateway.Verify;

/// <summary>What a verified request says it is. Closed: one of the three nested kinds.</summary>
internal abstract record IdentifyResult
{
    private IdentifyResult()
    {
    }

    /// <summary>An event.</summary>
    /// <param name="Name">1 to 200 characters, none of them a control character.</param>
    /// <param name="SourceId">The sender's own id, fit for a header like the name; see <see cref="EventText.Bounded"/>.</param>
    /// <param name="Key">What it is about, in the same form.</param>
    /// <param name="DedupeKey">What makes another request the same event.</param>
    public sealed record Identified(string Name, string? SourceId, string? Key, DedupeKey DedupeKey) : IdentifyResult
    {
        /// <summary>Whether the source's <c>coalesce.complete</c> gives a value.</summary>
        public bool IsComplete { get; init; }

        /// <summary>The body, where an expression needed it whole: nobody needs to parse it again.</summary>
        public JToken? Document { get; init; }
    }

    /// <summary>The body is not what the source needs.</summary>
    /// <param name="Problem">A sentence for the sender: what is wrong and where, never a piece of the body.</param>
    public sealed record Malformed(string Problem) : IdentifyResult;

    /// <summary>The body is of a kind, or in an encoding, that this source is not read from.</summary>
    /// <param name="Problem">A sentence for the sender: what would be read.</param>
    public sealed record UnsupportedMediaType(string Problem) : IdentifyResult;
}
