using HookGateway.Configuration.Reading;

namespace HookGateway.Configuration.Sections;

/// <summary>Checks templates such as <c>t={timestamp},v1={signature}</c>: literal text, and known words in braces.</summary>
internal static class Placeholders
{
    /// <summary>What is wrong with the template; <see langword="null"/> where nothing is.</summary>
    public static string? Fault(string template, IReadOnlyCollection<string> known)
    {
        for (var i = 0; i < template.Length; i++)
        {
            if (template[i] == '}')
                return "a } without a { before it";
            if (template[i] != '{')
                continue;
            var end = template.IndexOf('}', i);
            if (end < 0)
                return "an unclosed {";
            var word = template[(i + 1)..end];
            if (!known.Contains(word))
                return $"unknown placeholder{Suggestion.For(word, [.. known], "placeholder")}";
            i = end;
        }

        return null;
    }

    /// <summary>How often a placeholder stands in the template.</summary>
    public static int Count(string template, string word) => template.AsSpan().Count($"{{{word}}}");
}
