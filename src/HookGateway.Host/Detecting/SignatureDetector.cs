using System.Security.Cryptography;
using HookGateway.Configuration.Sections;

namespace HookGateway.Host.Detecting;

/// <summary>What was found out about a request.</summary>
/// <param name="Schemes">What verifies it, the simplest first; may be empty.</param>
/// <param name="Remarks">What else there is to say, a sentence each, without secrets and signatures.</param>
/// <param name="Tried">How many combinations were tried.</param>
internal sealed record Detection(IReadOnlyList<DetectedScheme> Schemes, IReadOnlyList<string> Remarks, int Tried);

/// <summary>Finds the schemes by which one captured request and a secret go together.</summary>
internal sealed class SignatureDetector
{
    private const string Inexpressible = "The signature is right, but by a scheme that verify cannot express";

    private readonly CapturedRequest _request;
    private readonly string _secret;
    private readonly SchemeSearch _search;
    private readonly List<SignaturePlace> _places;

    private SignatureDetector(CapturedRequest request, string secret)
    {
        _request = request;
        _secret = secret;
        _search = new SchemeSearch(request.Method);
        _places = SignaturePlace.Of(request);
    }

    /// <summary>Looks for them.</summary>
    /// <param name="request">The request.</param>
    /// <param name="secret">As it would be configured; not empty.</param>
    public static Detection Detect(CapturedRequest request, string secret) => new SignatureDetector(request, secret).Detect();

    private Detection Detect()
    {
        var found = _search.Find(Space()).Select(match => new DetectedScheme(match, _secret)).DistinctBy(scheme => scheme.Yaml).ToList();
        var proven = found.Where(scheme => scheme.Refusal(_request.ToReceived(scheme.Match.Url)) is null).ToList();
        IEnumerable<string> remarks = proven.Count > 0
            ? RemarksOn(proven)
            : found.Select(Contradiction).Concat(Diagnosis());
        return new Detection(proven, [.. _request.Doubts, .. remarks], _search.Tried);
    }

    private string Contradiction(DetectedScheme scheme) =>
        $"{scheme.Summary} makes the signature, but the gateway's own verifier refuses it:"
        + $" {scheme.Refusal(_request.ToReceived(scheme.Match.Url))}.";

    /// <summary>What the gateway can do with what it was given.</summary>
    private SearchSpace Space() => new()
    {
        Places = [.. _places.Where(IsUsable)],
        Secrets = SecretReading.Exact(_secret),
        Bodies = [new BodyReading(_request.Body, null)],
        Timestamps = [.. FieldPlace.Timestamps(_request).Where(field => !field.InQuery)],
        Ids = FieldPlace.Ids(_request),
        Addresses = [.. _request.Urls.Select(url => (url, url.PathAndQuery))],
    };

    private static bool IsUsable(SignaturePlace place) =>
        !place.InQuery && SchemeSearch.HashOf(place.Digest.Length) != HashAlgorithmName.MD5;

    private IEnumerable<string> RemarksOn(List<DetectedScheme> proven)
    {
        var best = proven[0];
        var match = best.Match;
        if (match.Hash == HashAlgorithmName.SHA1)
            yield return "SHA-1 is weak: ask the sender for SHA-256.";
        if (best.SignedAt is { } time)
            yield return $"The request was signed at {time.UtcDateTime:yyyy-MM-dd'T'HH:mm:ss'Z'}: tolerance was judged as of then.";
        else if (match.SignedTimestamp is not null)
            yield return "What is signed along as a timestamp is no time that the gateway can read: it is not checked for its age.";
        if (match.Content.Contains("{url}", StringComparison.Ordinal))
        {
            yield return $"The URL is signed, as {match.Url.GetLeftPart(UriPartial.Authority)}...:"
                + " where a proxy stands before the gateway, set listen.publicUrl to what the sender uses.";
        }

        if (match.Place.IsAlphabetOpen)
        {
            yield return "This one signature could be base64 as well as base64url:"
                + " should others be refused as bad_signature_format, write the other.";
        }

        foreach (var preset in PresetLibrary.Names.Where(name => best.IsCoveredBy(name, _request.ToReceived(match.Url))))
            yield return $"The preset {preset} verifies this request as it is: a source with 'preset: {preset}' needs no verify.";
        if (proven.Count > 1)
            yield return $"{proven.Count} schemes verify this request; the simplest is printed. The others:";
        foreach (var other in proven.Skip(1))
            yield return $"  {other.Summary}";
    }

    private IEnumerable<string> Diagnosis()
    {
        var evidence = new SignatureEvidence(_request, _secret, _places);
        var reasons = evidence.SharedTokens().Concat(Flaws()).Distinct().ToList();
        foreach (var reason in reasons)
            yield return reason;
        foreach (var sentence in evidence.OfHeaders(isExplained: reasons.Count > 0))
            yield return sentence;
        if (_search.IsExhausted)
            yield return $"The search ended at its limit, after {_search.Tried} combinations: try a smaller request of the same sender.";
    }

    /// <summary>What would verify if one thing were otherwise.</summary>
    private IEnumerable<string> Flaws()
    {
        var space = Space();
        foreach (var match in Find(space with { Bodies = BodyReading.Flawed(_request.Body) }))
        {
            yield return $"It would verify if {match.Body.Flaw} ({Summary(match)}):"
                + " capture the request byte for byte, or look for what changes it on its way.";
        }

        foreach (var match in Find(space with { Secrets = SecretReading.Flawed(_secret) }))
            yield return $"It would verify if {match.Secret.Flaw} ({Summary(match)}): correct the secret and run this again.";

        var all = space with { Places = _places, Timestamps = FieldPlace.Timestamps(_request) };
        foreach (var match in Find(all))
        {
            var obstacles = new[]
            {
                match.Hash == HashAlgorithmName.MD5 ? "MD5" : null,
                match.Place.InQuery ? $"a signature in the query ({match.Place.Name})" : null,
                match.Timestamp is { InQuery: true } ? $"a timestamp in the query ({match.Timestamp.Name})" : null,
            };
            if (string.Join(" and ", obstacles.OfType<string>()) is { Length: > 0 } what)
                yield return $"{Inexpressible}: {what} ({Summary(match)}).";
        }

        if (_request.Urls[0].Query.Length > 0)
        {
            var bare = _request.Urls.Select(url => (new Uri(url.GetLeftPart(UriPartial.Path)), url.AbsolutePath));
            foreach (var match in Find(space with { Addresses = [.. bare] }))
                yield return $"{Inexpressible}: the address is signed without its query ({Summary(match)}).";
        }

        foreach (var sentence in PlainHash.Find(_request.Body, _secret, _places))
            yield return sentence;
    }

    private string Summary(SchemeMatch match) => new DetectedScheme(match, _secret).Summary;

    private IEnumerable<SchemeMatch> Find(SearchSpace space) => _search.Find(space).Take(3);
}
