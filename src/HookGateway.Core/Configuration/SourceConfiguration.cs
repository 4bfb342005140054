using System.Net;

namespace HookGateway.Configuration;

/// <summary>One of <c>sources</c>: a sender, its preset already merged in.</summary>
public sealed record SourceConfiguration
{
    /// <summary>The name: letters, digits, <c>-</c> and <c>_</c>; stands in routes, headers, traces.</summary>
    public required string Name { get; init; }

    /// <summary>Where it posts to, beginning with a slash. Default <c>/hooks/NAME</c>.</summary>
    public required string Path { get; init; }

    /// <summary>The preset it was built on; <see langword="null"/> where none.</summary>
    public string? Preset { get; init; }

    /// <summary>The signing secrets; any one that matches counts, so that one can be rotated.</summary>
    public IReadOnlyList<string> Secrets { get; init; } = [];

    /// <summary>How requests are verified.</summary>
    public required VerifyConfiguration Verify { get; init; }

    /// <summary>What makes two requests the same event.</summary>
    public DedupeConfiguration Dedupe { get; init; } = new();

    /// <summary>
    /// Where the event's name is found: JMESPath on the body, or <c>header:NAME</c>, <c>query:NAME</c>, <c>form:NAME</c>.
    /// </summary>
    public required string Event { get; init; }

    /// <summary>Where the sender's own id is found, in the same notation; the first expression that gives one wins.</summary>
    public IReadOnlyList<string> Id { get; init; } = [];

    /// <summary>What the event is about, in the same notation; <see langword="null"/>: nothing.</summary>
    public string? Key { get; init; }

    /// <summary>Which of its events are joined with others of their key; <see langword="null"/>: none. Needs <see cref="Key"/>.</summary>
    public CoalesceConfiguration? Coalesce { get; init; }

    /// <summary>Addresses it may send from; empty: any.</summary>
    public IReadOnlyList<IPNetwork> Allow { get; init; } = [];

    /// <summary>What an accepted event is answered. Default 202; any 2xx.</summary>
    public int AnswerStatus { get; init; } = 202;

    /// <summary>The sender's own API; <see langword="null"/> where it is not configured.</summary>
    public ApiConfiguration? Api { get; init; }

    /// <summary>Whether missed changes are looked for there; <see langword="null"/>: they are not.</summary>
    public ReconcileConfiguration? Reconcile { get; init; }
}

/// <summary><c>dedupe</c>.</summary>
public sealed record DedupeConfiguration
{
    /// <summary>How long the same event counts as a duplicate. Default 24 h; 30 days at most.</summary>
    public TimeSpan Window { get; init; } = TimeSpan.FromHours(24);

    /// <summary>
    /// Expressions that name the event for deduplication, where that is not the source's <c>id</c>. Without either, or where
    /// none gives a value, the whole body counts.
    /// </summary>
    public IReadOnlyList<string> Id { get; init; } = [];

    /// <summary>Whether all of <see cref="Id"/> count together (<c>all:</c>) instead of the first that gives a value.</summary>
    public bool JoinAll { get; init; }
}

/// <summary><c>verify</c>: how a request is proven to come from the source. Closed: one of the nested kinds.</summary>
public abstract record VerifyConfiguration
{
    private VerifyConfiguration()
    {
    }

    /// <summary><c>verify: none</c>: anyone may send. Warned of at start.</summary>
    public sealed record None : VerifyConfiguration;

    /// <summary>
    /// <c>verify: capture</c>: anyone may send; what arrives is kept in files for <c>signature detect</c>, answered, and neither
    /// stored as an event nor delivered. Warned of at start.
    /// </summary>
    public sealed record Capture : VerifyConfiguration;

    /// <summary><c>verify.hmac</c>: a keyed hash over the request, in a header.</summary>
    public sealed record Hmac : VerifyConfiguration
    {
        /// <summary>The header that carries the signature.</summary>
        public required string Header { get; init; }

        /// <summary>
        /// How the header is laid out: <c>{signature}</c> and optionally <c>{timestamp}</c> between literal text. Default
        /// <c>{signature}</c>. Where the header lists several parts after commas or spaces, any signature that matches counts.
        /// </summary>
        public string Format { get; init; } = "{signature}";

        /// <summary>Default SHA-256.</summary>
        public SignatureHash Hash { get; init; } = SignatureHash.Sha256;

        /// <summary>How the signature is written. Default lower- or upper-case hex.</summary>
        public TextEncoding Encoding { get; init; } = TextEncoding.Hex;

        /// <summary>
        /// What is signed, from <c>{body}</c>, <c>{timestamp}</c>, <c>{id}</c>, <c>{method}</c>, <c>{url}</c>, <c>{path}</c> (path
        /// and query). Default <c>{body}</c>.
        /// </summary>
        public string Content { get; init; } = "{body}";

        /// <summary>How far the timestamp may be from now, both ways; <see langword="null"/>: it is not checked.</summary>
        public TimeSpan? Tolerance { get; init; }

        /// <summary>The header of the timestamp (<c>timestamp: header:NAME</c>), where it is not part of <see cref="Format"/>.</summary>
        public string? TimestampHeader { get; init; }

        /// <summary>The header of <c>{id}</c> (<c>id: header:NAME</c>), where the content asks for it.</summary>
        public string? IdHeader { get; init; }

        /// <summary>The unit of the timestamp. Default seconds.</summary>
        public TimestampUnit TimestampUnit { get; init; } = TimestampUnit.Seconds;

        /// <summary>How a secret's text becomes key bytes. Default text (UTF-8).</summary>
        public SecretEncoding SecretEncoding { get; init; } = SecretEncoding.Text;
    }
}

/// <summary>The hash of a signature.</summary>
public enum SignatureHash
{
    /// <summary><c>sha256</c>.</summary>
    Sha256,

    /// <summary><c>sha384</c>.</summary>
    Sha384,

    /// <summary><c>sha512</c>.</summary>
    Sha512,

    /// <summary><c>sha1</c>: for senders that know no better.</summary>
    Sha1,
}

/// <summary>How bytes are written as text.</summary>
public enum TextEncoding
{
    /// <summary><c>hex</c>, either case.</summary>
    Hex,

    /// <summary><c>base64</c>, with or without padding.</summary>
    Base64,

    /// <summary><c>base64url</c>, with or without padding.</summary>
    Base64Url,
}

/// <summary>How a configured secret becomes a key.</summary>
public enum SecretEncoding
{
    /// <summary><c>text</c>: its UTF-8 bytes.</summary>
    Text,

    /// <summary><c>hex</c>.</summary>
    Hex,

    /// <summary><c>base64</c>; a <c>whsec_</c> before it is dropped.</summary>
    Base64,

    /// <summary><c>base64url</c>, with or without padding; a <c>whsec_</c> before it is dropped.</summary>
    Base64Url,
}

/// <summary>The unit of a timestamp.</summary>
public enum TimestampUnit
{
    /// <summary><c>s</c>: seconds since 1970.</summary>
    Seconds,

    /// <summary><c>ms</c>: milliseconds since 1970.</summary>
    Milliseconds,
}
