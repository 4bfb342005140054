using HookGateway.Verify;

namespace HookGateway.Host.Detecting;

/// <summary>What senders sign, in the notation of <c>content</c>: the simplest first.</summary>
internal static class ContentTemplates
{
    private static readonly string[] Separators = [".", ":", "", ",", "\n", "|", "-", " "];

    /// <summary>All of them, compiled.</summary>
    public static IReadOnlyList<(string Text, SignedContent Content)> All { get; } =
        [.. Texts().Distinct().Select(text => (text, SignedContent.Compile(text)))];

    private static IEnumerable<string> Texts()
    {
        yield return "{body}";
        foreach (var separator in Separators)
            yield return $"{{timestamp}}{separator}{{body}}";
        foreach (var version in (string[])["v0", "v1"])
        {
            yield return $"{version}:{{timestamp}}:{{body}}";
            yield return $"{version}.{{timestamp}}.{{body}}";
        }

        foreach (var separator in Separators)
            yield return $"{{body}}{separator}{{timestamp}}";
        foreach (var separator in Separators)
            yield return $"{{id}}{separator}{{timestamp}}{separator}{{body}}";
        foreach (var separator in Separators)
            yield return $"{{timestamp}}{separator}{{id}}{separator}{{body}}";
        foreach (var separator in Separators)
        {
            yield return $"{{id}}{separator}{{body}}";
            yield return $"{{body}}{separator}{{id}}";
        }

        foreach (var address in (string[])["{url}", "{path}"])
        {
            foreach (var text in WithAddress(address))
                yield return text;
        }
    }

    private static IEnumerable<string> WithAddress(string address)
    {
        foreach (var separator in (string[])["", "\n", ".", ":", "|"])
        {
            yield return $"{address}{separator}{{body}}";
            yield return $"{{body}}{separator}{address}";
            yield return $"{{method}}{separator}{address}{separator}{{body}}";
            yield return $"{{method}}{separator}{address}{separator}{{body}}{separator}{{timestamp}}";
            yield return $"{{method}}{separator}{address}{separator}{{timestamp}}{separator}{{body}}";
            yield return $"{{timestamp}}{separator}{{method}}{separator}{address}{separator}{{body}}";
            yield return $"{{timestamp}}{separator}{address}{separator}{{body}}";
            yield return $"{address}{separator}{{timestamp}}{separator}{{body}}";
            yield return $"{{timestamp}}{separator}{{body}}{separator}{address}";
        }
    }
}
