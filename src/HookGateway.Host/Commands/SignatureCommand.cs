using System.CommandLine;
using HookGateway.Host.Detecting;

namespace HookGateway.Host.Commands;

/// <summary><c>signature detect</c>: finds how a sender signs, from one captured request and the secret.</summary>
internal sealed class SignatureCommand : Command
{
    private readonly Option<string> _request = new("--request")
    {
        Description = "A captured request: raw HTTP, a HAR, or a curl command line.",
        HelpName = "FILE",
        Required = true,
    };
    private readonly SecretOption _secret = new("that the sender signs with.");
    private readonly Option<string?> _secretVariable = new("--secret-env")
    {
        Description = "The environment variable that holds the secret.",
        HelpName = "NAME",
    };
    private readonly Option<int?> _entry = NumberOption.Option("--entry", "Which entry of a HAR, from 1. Default: its only POST.", 1, 1_000_000);

    public SignatureCommand() : base("signature", "What a sender's signature is made of.")
    {
        var detect = new Command(
            "detect",
            "Finds the scheme that makes one captured request's signature with the secret, and prints the verify: mapping to paste "
            + "under the source. Exits 1 where none does, and says what else it could be.")
        {
            _request, _secret.File, _secretVariable, _secret.Text, _entry,
        };
        detect.SetAction(line => Detect(line, line.InvocationConfiguration.Output, line.InvocationConfiguration.Error));
        Add(detect);
    }

    private int Detect(ParseResult line, TextWriter output, TextWriter error)
    {
        try
        {
            if (ReadSecret(line, error) is not { } secret)
                return ExitCode.Usage;
            var request = CaptureReader.Read(line.GetRequiredValue(_request), line.GetValue(_entry));
            return Tell(SignatureDetector.Detect(request, secret), Placeholder(line), output, error);
        }
        catch (FormatException e)
        {
            Say(error, $"The captured request cannot be read: {e.Message}.");
            return ExitCode.Usage;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Say(error, e.Message);
            return ExitCode.Usage;
        }
    }

    private static int Tell(Detection detection, string placeholder, TextWriter output, TextWriter error)
    {
        if (detection.Schemes.Count == 0)
        {
            Say(error, $"No scheme verifies this request ({detection.Tried} combinations tried).");
            foreach (var remark in detection.Remarks)
                Say(error, remark);
            return ExitCode.Failed;
        }

        output.Write(detection.Schemes[0].Yaml);
        output.WriteLine($"# the secret, beside it: secrets: [\"{placeholder}\"]");
        Say(error, $"Verifies: {detection.Schemes[0].Summary} ({detection.Tried} combinations tried).");
        foreach (var remark in detection.Remarks)
            Say(error, remark);
        return ExitCode.Done;
    }

    private string? ReadSecret(ParseResult line, TextWriter error)
    {
        if (new Option[] { _secret.File, _secret.Text, _secretVariable }.Count(option => line.GetResult(option) is not null) != 1)
        {
            error.WriteLine("Name the secret with one of --secret-env NAME, --secret-file FILE and --secret S.");
            return null;
        }

        var secret = line.GetValue(_secretVariable) is { } name ? Environment.GetEnvironmentVariable(name) : _secret.Read(line, error);
        if (!string.IsNullOrEmpty(secret))
            return secret;
        error.WriteLine("The secret is empty, or its variable is not set.");
        return null;
    }

    // How the configuration names the secret; never the secret itself.
    private string Placeholder(ParseResult line) =>
        line.GetValue(_secretVariable) is { } name ? $"${{{name}}}"
        : line.GetValue(_secret.File) is { } file ? $"${{file:{Path.GetFullPath(file)}}}"
        : "${WEBHOOK_SECRET}";

    // What stands in a captured request is the sender's choice, and a terminal obeys control characters.
    private static void Say(TextWriter error, string text) => error.WriteLine(string.Concat(text.Select(c => char.IsControl(c) ? '?' : c)));
}
