using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace HookGateway.Host.Commands;

/// <summary>
/// <c>--where 'source=sysaid state=dead from=2h'</c>: conditions that all have to hold, named as the options of
/// <c>events list</c>. A value with spaces stands in double quotes: <c>key="a b"</c>.
/// </summary>
internal static class WhereClause
{
    /// <summary>Reads the conditions; whether their names and values make sense is the gateway's to say.</summary>
    public static bool TryParse(
        IEnumerable<string> clauses, [NotNullWhen(true)] out Dictionary<string, string>? filter, [NotNullWhen(false)] out string? fault)
    {
        filter = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var condition in clauses.SelectMany(Split))
        {
            var equals = condition.IndexOf('=', StringComparison.Ordinal);
            var name = equals < 0 ? condition : condition[..equals];
            if (equals < 1 || equals == condition.Length - 1)
            {
                (filter, fault) = (null, $"'{condition}' is no condition: write name=value, as in source=sysaid state=dead from=2h.");
                return false;
            }

            var value = condition[(equals + 1)..];
            if (filter.TryAdd(name, name is "from" or "to" ? TimeOption.Absolute(value) : value))
                continue;

            (filter, fault) = (null, $"'{name}' stands twice: all conditions have to hold.");
            return false;
        }

        fault = filter.Count == 0 ? "The filter is empty: name what to replay, or say --all." : null;
        return fault is null;
    }

    private static IEnumerable<string> Split(string clause)
    {
        var word = new StringBuilder();
        var quoted = false;
        foreach (var character in clause)
        {
            if (character == '"')
            {
                quoted = !quoted;
            }
            else if (quoted || !char.IsWhiteSpace(character))
            {
                word.Append(character);
            }
            else if (word.Length > 0)
            {
                yield return word.ToString();
                word.Clear();
            }
        }

        if (word.Length > 0)
            yield return word.ToString();
    }
}
