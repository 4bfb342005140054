using System.Buffers;
using System.Text.RegularExpressions;
using HookGateway.Configuration;
using HookGateway.Configuration.Reading;
using HookGateway.Verify;

namespace HookGateway.Host.Detecting;

/// <summary>Where a signature may stand in one request, and how it is written there.</summary>
/// <param name="Name">Of the header, or of the query's parameter.</param>
/// <param name="InQuery">Whether it is a parameter of the query, which the gateway's schemes cannot name.</param>
/// <param name="Format">The layout: <c>sha256={signature}</c>.</param>
/// <param name="Encoding">How the signature is written.</param>
/// <param name="Text">The signature as it is written. Never shown.</param>
/// <param name="Digest">Its bytes.</param>
/// <param name="Timestamp">The timestamp that stands beside it, where the format has one.</param>
internal sealed partial record SignaturePlace(
    string Name, bool InQuery, string Format, TextEncoding Encoding, string Text, byte[] Digest, string? Timestamp)
{
    private const int MaxPlaces = 24;
    // What ends a part of a list; with those that may also stand between a timestamp and a signature.
    private static readonly SearchValues<char> Separators = SearchValues.Create(",; &|");
    private static readonly SearchValues<char> PairSeparators = SearchValues.Create(",; &|.:");

    // MD5, SHA-1, SHA-256, SHA-384, SHA-512.
    private static readonly int[] DigestLengths = [16, 20, 32, 48, 64];

    /// <summary>Whether base64 and base64url would both read it: it has none of the four characters in which they differ.</summary>
    public bool IsAlphabetOpen => Encoding != TextEncoding.Hex && !Text.AsSpan().ContainsAny("+/-_");

    /// <summary>All that the request has, in headers first. Of several layouts of one signature the one that says most.</summary>
    public static List<SignaturePlace> Of(CapturedRequest request)
    {
        var headers = request.Headers
            .Where(header => Kinds.IsHeaderName(header.Key) && !FieldPlace.IsCommon(header.Key))
            .SelectMany(header => header.Value.Take(HmacVerifier.MaxHeaderValues).SelectMany(value => Of(header.Key, inQuery: false, value)));
        var query = request.Query
            .SelectMany(parameter => parameter.Value.Take(1).SelectMany(value => Of(parameter.Key, inQuery: true, value)));
        return
        [
            .. headers.Concat(query)
                .DistinctBy(place => (place.Name, place.InQuery, Convert.ToHexString(place.Digest), place.Timestamp)).Take(MaxPlaces),
        ];
    }

    private static IEnumerable<SignaturePlace> Of(string name, bool inQuery, string? value)
    {
        if (value is null || value.Length > HmacVerifier.MaxHeaderLength)
            yield break;
        foreach (var word in Word().Matches(value).Cast<Match>().Take(HmacVerifier.MaxSignatures * 2))
        {
            foreach (var (encoding, digest) in Decode(word.Value))
            {
                var found = new SignaturePlace(name, inQuery, "", encoding, word.Value, digest, null);
                foreach (var (format, timestamp) in Formats(value, word))
                {
                    var place = found with { Format = format, Timestamp = timestamp };
                    if (place.IsReadBack(value))
                        yield return place;
                }
            }
        }
    }

    /// <summary>What the text is, in each encoding, where that gives as many bytes as a hash.</summary>
    private static IEnumerable<(TextEncoding Encoding, byte[] Digest)> Decode(string text)
    {
        foreach (var encoding in new[] { TextEncoding.Hex, TextEncoding.Base64, TextEncoding.Base64Url })
        {
            foreach (var length in DigestLengths)
            {
                var digest = new byte[length];
                if (SignatureEncoding.TryDecode(encoding, text, digest))
                    yield return (encoding, digest);
            }
        }
    }

    private static IEnumerable<(string Format, string? Timestamp)> Formats(string value, Match word)
    {
        var before = value[..word.Index];
        var suffix = SuffixAfter(value, word.Index + word.Length);
        if (suffix is null)
            yield break;
        foreach (var time in SignedTime.Pattern().Matches(value).Cast<Match>().Take(4))
        {
            if (Composite(value, word, time) is { } format)
                yield return (format, time.Value);
        }

        var cut = before.AsSpan().LastIndexOfAny(Separators) + 1;
        if (cut > 0 && VersionWord().Match(before[..cut]) is { Success: true } version)
            yield return ($"{version.Value}{before[cut..]}{{signature}}{suffix}", null);
        if (IsPrefix(before[cut..]))
            yield return ($"{before[cut..]}{{signature}}{suffix}", null);
    }

    /// <summary>The layout of a timestamp and a signature in one value, whichever comes first.</summary>
    private static string? Composite(string value, Match word, Match time)
    {
        if (time.Index < word.Index + word.Length && word.Index < time.Index + time.Length)
            return null;
        var (left, right) = time.Index < word.Index ? (time, word) : (word, time);
        var between = value[(left.Index + left.Length)..right.Index];
        var separator = between.AsSpan().IndexOfAny(PairSeparators);
        if (separator < 0)
            return null;

        // What stands between that is neither of the two is another part of the list.
        var prefix = between[(between.LastIndexOf(between[separator]) + 1)..];
        var start = value[..left.Index];
        start = start[(start.AsSpan().LastIndexOfAny(Separators) + 1)..];
        var suffix = SuffixAfter(value, right.Index + right.Length);
        if (suffix is null || !IsPrefix(start) || !IsPrefix(prefix.Trim()))
            return null;
        var (first, second) = left == time ? ("{timestamp}", "{signature}") : ("{signature}", "{timestamp}");
        return $"{start}{first}{between[..(separator + 1)]}{prefix}{second}{suffix}";
    }

    private static string? SuffixAfter(string value, int at)
    {
        var rest = value[at..];
        var end = rest.AsSpan().IndexOfAny(PairSeparators);
        var suffix = end < 0 ? rest : rest[..end];
        return suffix is "" or "\"" or "'" ? suffix : null;
    }

    private static bool IsPrefix(string text) => Prefix().IsMatch(text);

    /// <summary>Whether the gateway's own reader finds the signature, and the timestamp, by this layout.</summary>
    private bool IsReadBack(string value)
    {
        try
        {
            Span<Range> signatures = stackalloc Range[HmacVerifier.MaxSignatures];
            var found = SignatureFormat.Compile(Format).Read(value, signatures, out var timestamp);
            if (Timestamp is not null && value[timestamp] != Timestamp)
                return false;
            foreach (var range in signatures[..found])
            {
                if (value[range] == Text)
                    return true;
            }

            return false;
        }
        catch (FormatException)
        {
            return false;
        }
    }

    [GeneratedRegex("(?<![A-Za-z0-9+/_-])[A-Za-z0-9+/_-]{22,128}={0,2}(?![A-Za-z0-9+/_=-])", RegexOptions.CultureInvariant)]
    private static partial Regex Word();

    /// <summary>A name before the signature: <c>sha256=</c>, <c>v1:</c>, <c>signature="</c>; or nothing.</summary>
    [GeneratedRegex("""\A([A-Za-z][A-Za-z0-9_.-]{0,31}[=:])?["']?\z""", RegexOptions.CultureInvariant)]
    private static partial Regex Prefix();

    /// <summary>A word that belongs to the signature though a separator follows: <c>v1,</c> and <c>HMAC </c>.</summary>
    [GeneratedRegex(
        @"(?<=\A|[,; ])(v[0-9]{1,2}[a-z]?|(hmac[-_]?)?sha-?[0-9]{1,3}|hmac|signature|bearer|token)[, ]\z",
        RegexOptions.CultureInvariant | RegexOptions.IgnoreCase)]
    private static partial Regex VersionWord();
}
