using System.CommandLine;

namespace HookGateway.Host.Commands;

/// <summary>The verbs, and what all of them share: how they are parsed and what exit code a wrong line gets.</summary>
internal static class CommandLine
{
    private static RootCommand CreateRoot() =>
        new("A webhook gateway: verifies what senders post, stores it before it answers, and delivers it to every destination.")
        {
            new RunCommand(),
            new DemoCommand(),
            new ValidateCommand(),
            new SendCommand(),
            new ReceiveCommand(),
            new EventsCommand(),
            new DestinationsCommand(),
            new AuditCommand(),
            new SignatureCommand(),
            new SysAidCommand(),
            new HealthCommand(),
        };

    /// <summary>Runs one line.</summary>
    /// <param name="args">The words after the program's name.</param>
    /// <param name="output">For results.</param>
    /// <param name="error">For everything else.</param>
    /// <param name="cancellationToken">Ends a verb that runs on, as Ctrl-C does.</param>
    /// <returns>One of <see cref="ExitCode"/>.</returns>
    public static Task<int> RunAsync(
        string[] args, TextWriter output, TextWriter error, CancellationToken cancellationToken = default)
    {
        // A value that begins with @ is a value, not the name of a file with more words.
        var line = CreateRoot().Parse(args, new ParserConfiguration { ResponseFileTokenReplacer = null });
        return line.Errors.Count > 0
            ? Task.FromResult(Refuse(line, error))
            : line.InvokeAsync(Invocation(output, error), cancellationToken);
    }

    private static int Refuse(ParseResult line, TextWriter error)
    {
        line.Invoke(Invocation(error, error));
        return ExitCode.Usage;
    }

    // Without a termination timeout the verbs own the signals: the gateway's draining is not cut short.
    private static InvocationConfiguration Invocation(TextWriter output, TextWriter error) =>
        new() { Output = output, Error = error, ProcessTerminationTimeout = null };
}
