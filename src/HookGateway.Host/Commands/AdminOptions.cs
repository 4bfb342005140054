using System.CommandLine;
using HookGateway.Host.Operating;

namespace HookGateway.Host.Commands;

/// <summary>Which gateway to ask, and how to show what it says: what all verbs over the admin API share.</summary>
internal sealed class AdminOptions
{
    private const string TokenVariable = "HOOKGATEWAY_ADMIN_TOKEN";

    private readonly Option<Uri?> _admin = new("--admin")
    {
        Description = "Where the admin port is. Default: what the configuration says.",
        HelpName = "URL",
        CustomParser = UrlOption.Parse,
    };

    private readonly Option<string?> _tokenFile = new("--token-file")
    {
        Description = $"A file that holds the admin port's token. Default: {TokenVariable}, else the configuration.",
        HelpName = "FILE",
    };

    private readonly Option<string?> _token = new("--token")
    {
        Description = "The token itself. Other users of this machine can see it: prefer --token-file.",
        HelpName = "T",
    };

    private readonly Option<string> _config = ConfigurationFile.Option();
    private readonly Option<bool> _json = JsonOption.Option();

    /// <summary>Adds the options to a verb, and runs it with a client.</summary>
    /// <param name="verb">The verb.</param>
    /// <param name="run">Does it, and gives the exit code. What fails ends it with <see cref="ExitCode.Failed"/>.</param>
    public void Serve(Command verb, Func<ParseResult, AdminClient, OperatorScreen, CancellationToken, Task<int>> run)
    {
        foreach (var option in new Option[] { _admin, _tokenFile, _token, _config, _json })
            verb.Add(option);

        verb.SetAction((line, cancellationToken) => RunAsync(line, run, cancellationToken));
    }

    private async Task<int> RunAsync(
        ParseResult line, Func<ParseResult, AdminClient, OperatorScreen, CancellationToken, Task<int>> run,
        CancellationToken cancellationToken)
    {
        var error = line.InvocationConfiguration.Error;
        try
        {
            using var client = Connect(line, error);
            if (client is null)
                return ExitCode.Usage;

            var screen = new OperatorScreen(new Terminal(line.InvocationConfiguration.Output), line.GetValue(_json));
            return await run(line, client, screen, cancellationToken);
        }
        catch (AdminException e)
        {
            await error.WriteLineAsync(Terminal.Printable(e.Message));
            return ExitCode.Failed;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            await error.WriteLineAsync(e.Message);
            return ExitCode.Usage;
        }
    }

    private AdminClient? Connect(ParseResult line, TextWriter error)
    {
        var token = ReadToken(line, error);
        if (line.GetValue(_admin) is { } address)
            return new AdminClient(address, token);

        if (ConfigurationFile.Load(line.GetRequiredValue(_config), error) is not { } configuration)
            return null;

        var admin = configuration.Listen.Admin;
        return new AdminClient(new Uri($"http://{Reachable.From(admin.Address)}"), token ?? admin.Token);
    }

    private string? ReadToken(ParseResult line, TextWriter error)
    {
        if (line.GetValue(_tokenFile) is { } path)
            return File.ReadAllText(path).TrimEnd('\r', '\n');

        if (line.GetValue(_token) is { } token)
        {
            error.WriteLine("warning: other users of this machine can see a token on the command line; --token-file keeps it to you.");
            return token;
        }

        return Environment.GetEnvironmentVariable(TokenVariable) is { Length: > 0 } variable ? variable : null;
    }
}
