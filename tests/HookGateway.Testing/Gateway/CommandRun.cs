using System.Diagnostics;

namespace HookGateway.Testing.Gateway;

/// <summary>One run of the program that ends by itself.</summary>
/// <param name="ExitCode">Its exit code.</param>
/// <param name="Output">What it wrote to standard output.</param>
/// <param name="Error">What it wrote to standard error.</param>
public sealed record CommandRun(int ExitCode, string Output, string Error)
{
    /// <summary>Runs the program with these words to its end, for 60 s at most.</summary>
    /// <exception cref="TimeoutException">It did not end, and was killed.</exception>
    public static Task<CommandRun> OfAsync(params string[] words) => OfAsync(words, directory: null);

    /// <summary>Runs the program in a directory of the test's choice, with environment variables besides those of the test.</summary>
    /// <inheritdoc cref="OfAsync(string[])" path="/exception"/>
    public static async Task<CommandRun> OfAsync(string[] words, string? directory, params (string Name, string Value)[] environment)
    {
        var command = GatewayProgram.Command([], words);
        command.WorkingDirectory = directory ?? "";
        foreach (var (name, value) in environment)
            command.Environment[name] = value;

        using var process = Process.Start(command)!;
        var output = process.StandardOutput.ReadToEndAsync();
        var error = process.StandardError.ReadToEndAsync();
        try
        {
            await process.WaitForExitAsync().WaitAsync(TimeSpan.FromSeconds(60), TimeProvider.System);
            return new CommandRun(process.ExitCode, await output, await error);
        }
        catch (TimeoutException)
        {
            process.Kill(entireProcessTree: true);
            throw;
        }
    }
}
