using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;
using System.Text.RegularExpressions;

namespace HookGateway.Configuration.Reading;

/// <summary>What values of the configuration can be.</summary>
internal static partial class Kinds
{
    private static readonly SearchValues<char> HeaderNameCharacters = SearchValues.Create(
        "!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");

    public static Kind<IPEndPoint> EndPoint { get; } =
        new("an address such as 127.0.0.1:8080, [::1]:8080, localhost:8080 or *:8080", NetworkAddress.TryParseEndPoint);

    public static Kind<IPNetwork> Network { get; } =
        new("a network such as 10.0.0.0/8 (no bits set beyond the prefix) or an address", NetworkAddress.TryParseNetwork);

    /// <summary>A URL to call; it may hold a secret.</summary>
    public static Kind<Uri> Url { get; } =
        new("an absolute http or https URL without user name and fragment", TryReadUrl) { MayBeSecret = true };

    /// <summary>Text of any kind, not empty.</summary>
    public static Kind<string> Text { get; } = Matching("some text", text => text.Trim().Length > 0) with { MayBeSecret = true };

    /// <summary>Text on one line, not empty; it may be a secret.</summary>
    public static Kind<string> Line { get; } =
        Matching("text without control characters, not empty", text => text.Length > 0 && !text.Any(char.IsControl)) with
        {
            MayBeSecret = true,
        };

    /// <summary>A bearer token, or nothing.</summary>
    public static Kind<string> Token { get; } =
        Matching("a token of ASCII letters, digits and signs, without spaces", text => text.All(c => c is > ' ' and <= '~')) with
        {
            MayBeSecret = true,
        };

    /// <summary>A name of a header.</summary>
    public static Kind<string> HeaderName { get; } = Matching("the name of a header", IsHeaderName);

    public static Kind<bool> Switch { get; } = OneOf(("true", true), ("false", false));

    /// <summary>Which events are meant.</summary>
    public static Kind<string> EventPattern { get; } = Matching(
        "an event's name, in which * stands for any characters", text => text.Length > 0 && !text.Any(char.IsControl));

    /// <summary>Where something is found in a request.</summary>
    public static Kind<string> Expression { get; } =
        Matching("a JMESPath expression, header:NAME, query:NAME or form:NAME", ExpressionSyntax.IsValid) with
        {
            Hint = ExpressionSyntax.Explain,
        };

    /// <summary>What is asked of a body.</summary>
    public static Kind<string> Condition { get; } =
        Matching("a JMESPath expression on the body", ExpressionSyntax.IsQuery) with { Hint = ExpressionSyntax.ExplainQuery };

    public static Kind<TimeSpan> Duration(TimeSpan min, TimeSpan max) => Between<TimeSpan>(
        Reading.Duration.TryParse,
        min,
        max,
        $"a duration from {Reading.Duration.Format(min)} to {Reading.Duration.Format(max)}, such as 500ms, 10s, 5m, 24h or 7d");

    public static Kind<long> Size(long min, long max) => Between<long>(
        ByteSize.TryParse, min, max, $"a size from {ByteSize.Format(min)} to {ByteSize.Format(max)}, such as 64KiB or 1MiB");

    public static Kind<int> Integer(int min, int max) => Between<int>(
        (text, out value) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out value),
        min, max, $"a whole number from {min} to {max}");

    public static Kind<double> Number(double min, double max) => Between<double>(
        (text, out value) => double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out value),
        min, max, string.Create(CultureInfo.InvariantCulture, $"a number from {min} to {max}"));

    /// <summary>One of a few words.</summary>
    public static Kind<T> OneOf<T>(params (string Word, T Value)[] words) => new(
        $"one of {string.Join(", ", words.Select(pair => pair.Word))}",
        (string text, [MaybeNullWhen(false)] out T value) =>
        {
            var index = Array.FindIndex(words, pair => pair.Word == text);
            value = index >= 0 ? words[index].Value : default;
            return index >= 0;
        });

    /// <summary>The name of something that is configured elsewhere in the file.</summary>
    public static Kind<string> NameOf(string what, IReadOnlyCollection<string> known) =>
        Matching($"the name of a {what}", known.Contains) with { Hint = given => Suggestion.For(given, known, what) };

    public static Kind<string> Matching(string expected, Func<string, bool> isValid) => new(
        expected,
        (string text, [MaybeNullWhen(false)] out string value) =>
        {
            value = text;
            return isValid(text);
        });

    /// <summary>Whether it can stand as a source's or destination's name.</summary>
    public static bool IsName(string text) => NamePattern().IsMatch(text);

    /// <summary>Whether it is a token of RFC 9110.</summary>
    public static bool IsHeaderName(string text) =>
        text.Length is > 0 and <= 128 && !text.AsSpan().ContainsAnyExcept(HeaderNameCharacters);

    /// <summary>Whether it is a path of plain URL characters: without empty and dotted segments, no slash at its end.</summary>
    public static bool IsPath(string text) =>
        PathPattern().IsMatch(text) && !text.Split('/').Any(segment => segment is "." or "..");

    private static Kind<T> Between<T>(TryRead<T> tryRead, T min, T max, string expected)
        where T : struct, IComparable<T> => new(
            expected,
            (text, out value) => tryRead(text, out value) && value.CompareTo(min) >= 0 && value.CompareTo(max) <= 0);

    private static bool TryReadUrl(string text, out Uri value)
    {
        var isUrl = Uri.TryCreate(text, UriKind.Absolute, out var url)
            && url.Scheme is "http" or "https"
            && url is { Host.Length: > 0, UserInfo.Length: 0, Fragment.Length: 0 }
            && !text.Any(c => char.IsWhiteSpace(c) || char.IsControl(c));
        value = url!;
        return isUrl;
    }

    [GeneratedRegex(@"\A[A-Za-z0-9_-]{1,64}\z")]
    private static partial Regex NamePattern();

    [GeneratedRegex(@"\A(/[A-Za-z0-9._~!$&'()*+,;=:@-]+){1,16}\z")]
    private static partial Regex PathPattern();
}
