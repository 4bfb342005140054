using System.CommandLine;

namespace HookGateway.Host.Commands;

/// <summary>A secret given on the line: best as a file, for the line itself is there for every user of the machine to see.</summary>
/// <param name="use">What it is for: <c>to sign with. Default: …</c>.</param>
internal sealed class SecretOption(string use)
{
    /// <summary><c>--secret-file</c>.</summary>
    public Option<string?> File { get; } = new("--secret-file")
    {
        Description = $"A file that holds the secret {use}",
        HelpName = "FILE",
    };

    /// <summary><c>--secret</c>.</summary>
    public Option<string?> Text { get; } = new("--secret")
    {
        Description = "The secret itself. Other users of this machine can see it: prefer --secret-file.",
        HelpName = "S",
    };

    /// <summary>Reads it.</summary>
    /// <param name="line">The parsed line.</param>
    /// <param name="error">Where the warning goes.</param>
    /// <returns><see langword="null"/> where none is given.</returns>
    /// <exception cref="IOException">The file cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">The file may not be read.</exception>
    public string? Read(ParseResult line, TextWriter error)
    {
        if (line.GetValue(File) is { } path)
            return ReadFile(path);
        var text = line.GetValue(Text);
        if (text is not null)
            error.WriteLine("warning: other users of this machine can see a secret on the command line; --secret-file keeps it to you.");
        return text;
    }

    /// <summary>A secret in a file, but for the line end after it.</summary>
    /// <inheritdoc cref="Read" path="/exception"/>
    public static string ReadFile(string path)
    {
        var text = System.IO.File.ReadAllText(path);
        return text.EndsWith("\r\n", StringComparison.Ordinal) ? text[..^2] : text.EndsWith('\n') ? text[..^1] : text;
    }
}
