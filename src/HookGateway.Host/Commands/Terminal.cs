using System.Text;
using Spectre.Console;

namespace HookGateway.Host.Commands;

/// <summary>Lines for people: coloured on a terminal, plain and unwrapped everywhere else.</summary>
internal sealed class Terminal
{
    private readonly Lock _gate = new();
    private readonly TextWriter _writer;
    private readonly IAnsiConsole? _console;

    public Terminal(TextWriter writer)
    {
        _writer = writer;
        var output = new AnsiConsoleOutput(writer);
        if (output.IsTerminal && string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR")))
            _console = AnsiConsole.Create(new AnsiConsoleSettings { Out = output });
    }

    /// <summary>Writes one line, whole: lines of several threads do not mix.</summary>
    /// <param name="text">Text that need not be trusted: control characters never reach the terminal.</param>
    /// <param name="colour">A colour for the line; only a terminal shows it.</param>
    public void WriteLine(string text, Color? colour = null)
    {
        var line = Printable(text);
        lock (_gate)
        {
            if (_console is null || colour is null)
                _writer.WriteLine(line);
            else
                _console.WriteLine(line, new Style(colour));
            _writer.Flush();
        }
    }

    /// <summary>The text with every control character but the line feed replaced, so that it cannot steer a terminal.</summary>
    public static string Printable(string text)
    {
        var printable = new StringBuilder(text.Length);
        foreach (var character in text)
            printable.Append(char.IsControl(character) && character != '\n' ? '\uFFFD' : character);
        return printable.ToString();
    }
}
