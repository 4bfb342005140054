using System.CommandLine;
using System.Net;
using System.Net.Sockets;
using HookGateway.Host.Receiving;

namespace HookGateway.Host.Commands;

/// <summary><c>receive</c>: a downstream to try things with.</summary>
internal sealed class ReceiveCommand : Command
{
    private const string SecretVariable = "HOOKGATEWAY_SIGN_SECRET";

    private readonly Option<int?> _port = NumberOption.Option("--port", "The port; 0 takes a free one.", 0, 65535, 9000);
    private readonly Option<IPAddress> _address = new("--address")
    {
        Description = "The address to listen on; 0.0.0.0 inside a container.",
        HelpName = "ADDRESS",
        DefaultValueFactory = _ => IPAddress.Loopback,
        CustomParser = result =>
        {
            if (IPAddress.TryParse(result.Tokens[0].Value, out var address))
                return address;
            result.AddError($"--address: '{result.Tokens[0].Value}' is no IP address.");
            return null;
        },
    };
    private readonly Option<int?> _fail = NumberOption.Option(
        "--fail", "How many of 100 requests to answer 503, by chance.", 0, 100, 0);
    private readonly Option<TimeSpan> _delay = DurationOption.Option(
        "--delay", "How long to wait before each answer, as in 500ms or 10s. Default: not at all.");
    private readonly Option<int?> _status = NumberOption.Option("--status", "The status to answer otherwise.", 200, 599, 200);
    private readonly Option<bool> _json = JsonOption.Option();
    private readonly SecretOption _secret = new(
        $"that the gateway signs with, to say of each request whether its signature is right. Default: {SecretVariable}; without one, nothing is checked.");

    public ReceiveCommand() : base(
        "receive", "A downstream to try things with: prints what arrives on any path and answers it, until Ctrl-C.")
    {
        _fail.HelpName = "PERCENT";
        foreach (var option in new Option[] { _port, _address, _fail, _delay, _status, _secret.File, _secret.Text, _json })
            Add(option);
        SetAction(RunAsync);
    }

    private async Task<int> RunAsync(ParseResult line, CancellationToken cancellationToken)
    {
        var error = line.InvocationConfiguration.Error;
        var answering = new Answering(line.GetRequiredValue(_status)!.Value, line.GetRequiredValue(_fail)!.Value, line.GetValue(_delay));
        var printer = new ReceivedPrinter(new Terminal(line.InvocationConfiguration.Output), line.GetValue(_json));
        var endpoint = new IPEndPoint(line.GetRequiredValue(_address), line.GetRequiredValue(_port)!.Value);
        if (!TryReadCheck(line, error, out var check))
            return ExitCode.Usage;

        await using var server = TryServer.Build(endpoint, answering, printer, check);
        try
        {
            await server.StartAsync(cancellationToken);
        }
        catch (Exception e) when (e is IOException or SocketException)
        {
            await error.WriteLineAsync($"Cannot listen on {endpoint}: {e.Message}");
            return ExitCode.Failed;
        }

        await error.WriteLineAsync($"listening on {server.Urls.Single()}");
        await server.WaitForShutdownAsync(cancellationToken);
        return ExitCode.Done;
    }

    private bool TryReadCheck(ParseResult line, TextWriter error, out SignatureCheck? check)
    {
        check = null;
        try
        {
            var secret = _secret.Read(line, error) ?? Environment.GetEnvironmentVariable(SecretVariable);
            if (!string.IsNullOrEmpty(secret) || line.GetValue(_secret.File) is not null || line.GetValue(_secret.Text) is not null)
                check = new SignatureCheck(secret!, TimeProvider.System);

            return true;
        }
        catch (FormatException)
        {
            error.WriteLine("The secret is not in base64, with or without whsec_ before it: give the one under sign.secrets of the destination.");
            return false;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            error.WriteLine(e.Message);
            return false;
        }
    }
}
