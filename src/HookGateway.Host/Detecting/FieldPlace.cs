using System.Globalization;
using System.Text.RegularExpressions;
using HookGateway.Configuration;
using HookGateway.Configuration.Reading;
using HookGateway.Verify;
using Microsoft.Extensions.Primitives;

namespace HookGateway.Host.Detecting;

/// <summary>A header or query parameter whose value may be signed along with the body: a timestamp, or an id.</summary>
/// <param name="Name">Its name.</param>
/// <param name="InQuery">Whether it is a parameter of the query, which the gateway's schemes cannot name.</param>
/// <param name="Value">Its value.</param>
internal sealed record FieldPlace(string Name, bool InQuery, string Value)
{
    private const int MaxPlaces = 6;
    private const int MaxLength = 512;

    private static readonly string[] IdWords = ["id", "nonce", "delivery", "event", "message", "uuid", "request"];

    // What every client sends, or what proxies add.
    private static readonly HashSet<string> Common = new(StringComparer.OrdinalIgnoreCase)
    {
        "Host", "Content-Length", "Content-Type", "Content-Encoding", "Transfer-Encoding", "Connection", "User-Agent", "Accept",
        "Accept-Encoding", "Accept-Language", "Cookie", "Referer", "Origin", "Expect", "traceparent", "tracestate", "baggage",
        "Upgrade-Insecure-Requests", "Cache-Control", "Pragma", "Via",
    };

    /// <summary>Whether nobody would put a signature, a timestamp or an id there.</summary>
    public static bool IsCommon(string header) =>
        Common.Contains(header) || header.StartsWith("X-Forwarded-", StringComparison.OrdinalIgnoreCase)
        || header.StartsWith("Sec-", StringComparison.OrdinalIgnoreCase);

    /// <summary>What may be a timestamp: in headers first, then in the query.</summary>
    public static List<FieldPlace> Timestamps(CapturedRequest request) =>
        [.. All(request).Where(place => SignedTime.IsTime(place.Value)).Take(MaxPlaces)];

    /// <summary>What may be an id; headers only.</summary>
    public static List<FieldPlace> Ids(CapturedRequest request) =>
    [
        .. All(request).Where(place => !place.InQuery && !SignedTime.IsTime(place.Value)
            && IdWords.Any(word => place.Name.Contains(word, StringComparison.OrdinalIgnoreCase))).Take(MaxPlaces),
    ];

    private static IEnumerable<FieldPlace> All(CapturedRequest request) =>
        request.Headers.Where(header => Kinds.IsHeaderName(header.Key) && !IsCommon(header.Key))
            .SelectMany(header => Of(header, inQuery: false))
            .Concat(request.Query.SelectMany(parameter => Of(parameter, inQuery: true)));

    private static IEnumerable<FieldPlace> Of(KeyValuePair<string, StringValues> field, bool inQuery) =>
        field.Value is [{ Length: > 0 and <= MaxLength } value] ? [new FieldPlace(field.Key, inQuery, value)] : [];
}

/// <summary>When a request was signed, as its sender wrote it.</summary>
internal static partial class SignedTime
{
    /// <summary>The unit of a count; seconds for an ISO 8601 time, where it does not matter.</summary>
    public static TimestampUnit UnitOf(string text) =>
        text.Length >= 12 && text.All(char.IsAsciiDigit) ? TimestampUnit.Milliseconds : TimestampUnit.Seconds;

    /// <summary>Whether it may be a time, in whatever unit, or as the header <c>Date</c> has it.</summary>
    public static bool IsTime(string text) => (Pattern().Match(text) is { Success: true } match && match.Length == text.Length)
        || DateTimeOffset.TryParseExact(text, "r", CultureInfo.InvariantCulture, DateTimeStyles.None, out _);

    /// <summary>The time, where the gateway can read it and it is of this age.</summary>
    public static DateTimeOffset? Read(string text) =>
        SignatureTimestamp.TryRead(text, UnitOf(text), out var time) && time.Year is >= 2000 and < 2200 ? time : null;

    /// <summary>Counts since 1970 in any unit, and ISO 8601.</summary>
    [GeneratedRegex(
        @"(?<![A-Za-z0-9+/_-])([0-9]{9,19}|[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,9})?(Z|[+-][0-9]{2}:?[0-9]{2})?)"
        + "(?![A-Za-z0-9+/_-])",
        RegexOptions.CultureInvariant)]
    public static partial Regex Pattern();
}
