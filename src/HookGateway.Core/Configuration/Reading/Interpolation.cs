using System.Text;
using System.Text.RegularExpressions;

namespace HookGateway.Configuration.Reading;

/// <summary>
/// Puts environment variables and files into values: <c>${NAME}</c>, <c>${NAME:-default}</c>, <c>${file:PATH}</c>; <c>$${</c>
/// is a plain <c>${</c>. What is put in is not looked through again.
/// </summary>
/// <param name="directory">What a relative path starts from.</param>
/// <param name="environment">Looks up a variable.</param>
internal sealed partial class Interpolation(string directory, Func<string, string?> environment)
{
    private const int MaxFileBytes = 64 * 1024;
    private const string FilePrefix = "file:";

    /// <summary>
    /// The value; <see langword="null"/> where a reference cannot be resolved, each told to <paramref name="fault"/>.
    /// </summary>
    public string? Resolve(string text, Action<string> fault)
    {
        if (!text.Contains("${", StringComparison.Ordinal))
            return text;

        var result = new StringBuilder();
        var complete = true;
        for (var i = 0; i < text.Length;)
        {
            var rest = text.AsSpan(i);
            if (rest.StartsWith("$${"))
            {
                result.Append("${");
                i += 3;
            }
            else if (!rest.StartsWith("${"))
            {
                result.Append(text[i++]);
            }
            else if (rest.IndexOf('}') is var end and >= 0)
            {
                var value = Lookup(rest[2..end].ToString(), fault);
                complete &= value is not null;
                result.Append(value);
                i += end + 1;
            }
            else
            {
                fault("an unclosed ${; a plain ${ is written $${");
                return null;
            }
        }

        return complete ? result.ToString() : null;
    }

    /// <summary>A path as it stands in the file, made absolute.</summary>
    public string Absolute(string path) => Path.GetFullPath(Path.Combine(directory, path));

    private string? Lookup(string reference, Action<string> fault) =>
        reference.StartsWith(FilePrefix, StringComparison.Ordinal)
            ? LookupFile(reference[FilePrefix.Length..], fault)
            : LookupVariable(reference, fault);

    private string? LookupVariable(string reference, Action<string> fault)
    {
        var match = VariablePattern().Match(reference);
        if (!match.Success)
        {
            fault($"expected ${{NAME}}, ${{NAME:-default}} or ${{file:PATH}}, not {Quote.Of($"${{{reference}}}")}");
            return null;
        }

        var name = match.Groups["name"].Value;
        if (environment(name) is { Length: > 0 } value)
            return value;
        if (match.Groups["default"] is { Success: true, Value: var otherwise })
            return otherwise;
        fault($"the environment variable {name} is not set or empty; ${{{name}:-default}} gives a default");
        return null;
    }

    private string? LookupFile(string path, Action<string> fault)
    {
        string? problem = "has no path";
        var content = path.Length == 0 || path.Contains('\0', StringComparison.Ordinal)
            ? null
            : TextFile.Read(Absolute(path), MaxFileBytes, out problem);
        content = content is null ? null : WithoutLineEnd(content);
        if (content is { Length: > 0 })
            return content;
        fault($"the file {Quote.Of(path)} {problem ?? "is empty"}");
        return null;
    }

    private static string WithoutLineEnd(string text) =>
        text.EndsWith("\r\n", StringComparison.Ordinal) ? text[..^2] : text.EndsWith('\n') ? text[..^1] : text;

    [GeneratedRegex(
        @"\A(?<name>[A-Za-z_][A-Za-z0-9_]*)(:-(?<default>.*))?\z", RegexOptions.Singleline | RegexOptions.ExplicitCapture)]
    private static partial Regex VariablePattern();
}
