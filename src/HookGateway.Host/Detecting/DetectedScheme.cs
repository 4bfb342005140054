using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using HookGateway.Configuration;
using HookGateway.Verify;

namespace HookGateway.Host.Detecting;

/// <summary>A scheme that verifies a captured request: its YAML, and the gateway's own verifier made from just that.</summary>
internal sealed class DetectedScheme
{
    private const string Variable = "SECRET";
    private const string Tolerance = "5m";

    private readonly string _secret;

    /// <param name="match">What was found.</param>
    /// <param name="secret">The secret as it was given.</param>
    public DetectedScheme(SchemeMatch match, string secret)
    {
        _secret = secret;
        Match = match;
        SignedAt = match.SignedTimestamp is { } timestamp ? SignedTime.Read(timestamp) : null;
        Yaml = Write();
    }

    /// <summary>What was found.</summary>
    public SchemeMatch Match { get; }

    /// <summary>When the request was signed, where its timestamp is signed along and is one that the gateway reads.</summary>
    public DateTimeOffset? SignedAt { get; }

    /// <summary>The mapping <c>verify:</c>, with a line end.</summary>
    public string Yaml { get; }

    /// <summary>In one line, for people.</summary>
    public string Summary
    {
        get
        {
            var content = Match.Content.Replace("\n", "\\n", StringComparison.Ordinal);
            var timestamp = Match.Timestamp is { } time ? $", timestamp from {time.Name}" : "";
            var id = Match.Id is { } place ? $", id from {place.Name}" : "";
            return $"HMAC-{Match.Hash.Name} of \"{content}\" in {Word(Match.Place.Encoding)}, {Match.Place.Name}: {Match.Place.Format}"
                + $"{timestamp}{id}, secret as {Word(Match.Secret.Encoding)}";
        }
    }

    /// <summary>What the gateway says to the request, by a source that has only this scheme and the secret.</summary>
    /// <param name="request">The captured request, or a changed one.</param>
    /// <returns><see langword="null"/> where it passes, else why not.</returns>
    public string? Refusal(ReceivedRequest request) => Refusal($"    event: \"'captured'\"\n{Indented()}", request);

    /// <summary>Whether a source with nothing but this preset and the secret would let it pass too.</summary>
    public bool IsCoveredBy(string preset, ReceivedRequest request) => Refusal($"    preset: {preset}\n", request) is null;

    private string? Refusal(string source, ReceivedRequest request)
    {
        var yaml = $"sources:\n  captured:\n    secrets: [\"${{{Variable}}}\"]\n{source}";
        var read = ConfigurationLoader.Parse("detected.yaml", yaml, _ => _secret);
        if (read is not ConfigurationResult.Valid { Configuration.Sources: [var captured] })
            return $"it is no configuration: {((ConfigurationResult.Invalid)read).Faults[0].Message}";
        var verifier = new SourceVerifier(captured, new At(SignedAt ?? DateTimeOffset.UnixEpoch));
        return verifier.Verify(request) is VerifyResult.Refused refused ? refused.Reason.ToWord() : null;
    }

    private string Indented() => string.Concat(Yaml.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => $"    {line}\n"));

    // Also what is a default: a preset that lies beneath may say otherwise.
    private string Write()
    {
        var yaml = new StringBuilder("verify:\n  hmac:\n");
        Add("header", Quoted(Match.Place.Name));
        Add("format", Quoted(Match.Place.Format));
        Add("hash", HashWord(Match.Hash));
        Add("encoding", Word(Match.Place.Encoding));
        Add("content", Quoted(Match.Content));
        Add("secretEncoding", Word(Match.Secret.Encoding));
        if (Match.Timestamp is { } timestamp)
            Add("timestamp", Quoted($"header:{timestamp.Name}"));
        if (Match.SignedTimestamp is { } value && SignedAt is not null)
        {
            Add("timestampUnit", SignedTime.UnitOf(value) == TimestampUnit.Milliseconds ? "ms" : "s");
            Add("tolerance", Tolerance);
        }

        if (Match.Id is { } id)
            Add("id", Quoted($"header:{id.Name}"));
        return yaml.ToString();

        void Add(string key, string text) => yaml.Append(CultureInfo.InvariantCulture, $"    {key}: {text}\n");
    }

    private static string Quoted(string text) => $"\"{text
        .Replace("\\", "\\\\", StringComparison.Ordinal)
        .Replace("\"", "\\\"", StringComparison.Ordinal)
        .Replace("\n", "\\n", StringComparison.Ordinal)}\"";

    private static string Word(TextEncoding encoding) => encoding switch
    {
        TextEncoding.Hex => "hex",
        TextEncoding.Base64 => "base64",
        _ => "base64url",
    };

    private static string Word(SecretEncoding encoding) => encoding switch
    {
        SecretEncoding.Text => "text",
        SecretEncoding.Hex => "hex",
        SecretEncoding.Base64 => "base64",
        _ => "base64url",
    };

    private static string HashWord(HashAlgorithmName hash) => hash.Name!.ToLowerInvariant();

    /// <summary>The time at which the request was signed: that it is old now is no fault of the scheme.</summary>
    private sealed class At(DateTimeOffset time) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => time;
    }
}
