using System.CommandLine;
using System.Net;
using System.Text.Json;
using HookGateway.Configuration;

namespace HookGateway.Host.Commands;

/// <summary><c>health</c>: whether a gateway is ready, for containers that have no curl.</summary>
internal sealed class HealthCommand : Command
{
    private const int LongestReason = 2000;
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(5);

    private readonly Option<string> _config = ConfigurationFile.Option();
    private readonly Option<bool> _json = JsonOption.Option();
    private readonly Option<Uri?> _admin = new("--admin")
    {
        Description = "Where the admin port is. Default: what the configuration says.",
        HelpName = "URL",
        CustomParser = UrlOption.Parse,
    };

    public HealthCommand() : base(
        "health", "Asks a running gateway whether it is ready, for 5 s at most: exits 0 where it is, 1 with the reason where not.")
    {
        Add(_admin);
        Add(_config);
        Add(_json);
        SetAction(RunAsync);
    }

    private async Task<int> RunAsync(ParseResult line, CancellationToken cancellationToken)
    {
        var (output, error) = (line.InvocationConfiguration.Output, line.InvocationConfiguration.Error);
        var address = line.GetValue(_admin) ?? Address(ConfigurationFile.Load(line.GetRequiredValue(_config), error));
        return address is null
            ? ExitCode.Usage
            : await AskAsync(new Uri(address, "/health/ready"), line.GetValue(_json), output, error, cancellationToken);
    }

    private static async Task<int> AskAsync(
        Uri url, bool json, TextWriter output, TextWriter error, CancellationToken cancellationToken)
    {
        var health = await ReadAsync(url, cancellationToken);
        if (json)
            await output.WriteLineAsync(JsonSerializer.Serialize(health, CommandJson.Default.HealthLine));
        else if (health.Ready)
            await output.WriteLineAsync("ready");
        else
            await error.WriteLineAsync($"not ready: {Terminal.Printable(health.Reason!)}");
        return health.Ready ? ExitCode.Done : ExitCode.Failed;
    }

    private static async Task<HealthLine> ReadAsync(Uri url, CancellationToken cancellationToken)
    {
        // A gateway beside this process: no proxy may stand between, and what it answers is read to a bound.
        using var handler = new SocketsHttpHandler { AllowAutoRedirect = false, UseProxy = false };
        using var client = new HttpClient(handler) { Timeout = Limit, MaxResponseContentBufferSize = 1024 * 1024 };
        try
        {
            using var response = await client.GetAsync(url, cancellationToken);
            if (response.StatusCode == HttpStatusCode.OK)
                return new HealthLine(Ready: true, Status: 200, Reason: null);
            var body = (await response.Content.ReadAsStringAsync(cancellationToken)).Trim();
            var reason = $"{url} answered {(int)response.StatusCode} {body}".TrimEnd();
            return new HealthLine(Ready: false, (int)response.StatusCode, reason[..Math.Min(reason.Length, LongestReason)]);
        }
        catch (HttpRequestException e)
        {
            return new HealthLine(Ready: false, Status: null, $"{url}: {e.Message}");
        }
        catch (TaskCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return new HealthLine(Ready: false, Status: null, $"{url}: no answer within {Limit.TotalSeconds} s");
        }
    }

    private static Uri? Address(GatewayConfiguration? configuration) =>
        configuration is null ? null : new Uri($"http://{Reachable.From(configuration.Listen.Admin.Address)}");
}

/// <summary>The line of <c>health --json</c>.</summary>
internal sealed record HealthLine(bool Ready, int? Status, string? Reason);
