using System.CommandLine;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using HookGateway.Configuration;
using HookGateway.Store;

namespace HookGateway.Host.Commands;

/// <summary><c>run</c>: the gateway.</summary>
internal sealed class RunCommand : Command
{
    private readonly Option<string> _config = ConfigurationFile.Option();

    public RunCommand() : base(
        "run", "Runs the gateway until SIGTERM or Ctrl-C; then it takes no more, finishes what is under way and exits 0.")
    {
        Add(_config);
        SetAction(RunAsync);
    }

    private async Task<int> RunAsync(ParseResult line, CancellationToken cancellationToken)
    {
        var (output, error) = (line.InvocationConfiguration.Output, line.InvocationConfiguration.Error);
        if (ConfigurationFile.Load(line.GetRequiredValue(_config), error) is not { } configuration)
            return ExitCode.Usage;

        await using var gateway = GatewayApplication.Build(configuration);
        try
        {
            await gateway.StartAsync(cancellationToken);
        }
        catch (OperationCanceledException)
        {
            // Told to end while it was starting.
            await gateway.StopAsync(CancellationToken.None);
            return ExitCode.Done;
        }
        catch (Exception e) when (Explain(e, configuration.Listen) is { } reason)
        {
            error.WriteLine($"The gateway cannot start: {reason}");

            // What has started already (the store, its deliveries) ends in order before it is taken apart.
            await gateway.StopAsync(CancellationToken.None);
            return ExitCode.Failed;
        }

        Describe(configuration, gateway.Urls, output);
        await gateway.WaitForShutdownAsync(cancellationToken);
        return ExitCode.Done;
    }

    private static string? Explain(Exception error, ListenConfiguration listen) => error switch
    {
        StoreException or IOException or UnauthorizedAccessException or CryptographicException => error.Message,

        // Kestrel names the address where its port is taken, and not where it is another machine's or needs privileges.
        SocketException => $"cannot listen on all of {string.Join(", ", Addresses(listen))}: {error.Message}",
        _ => null,
    };

    private static IEnumerable<IPEndPoint> Addresses(ListenConfiguration listen) =>
        new[] { listen.Https?.Address, listen.Http, listen.Admin.Address }.OfType<IPEndPoint>();

    private static void Describe(GatewayConfiguration configuration, ICollection<string> listening, TextWriter output)
    {
        // Kestrel lists them as they were opened: HTTPS, HTTP, and the admin port last.
        foreach (var url in listening.SkipLast(1))
            output.WriteLine($"listening    {url}");

        output.WriteLine($"admin        {listening.Last()}");
        var origin = configuration.Listen.PublicUrl?.AbsoluteUri.TrimEnd('/') ?? listening.First();
        foreach (var source in configuration.Sources)
            output.WriteLine($"source       {source.Name}: {origin}{source.Path}");

        // A destination's path can be a secret.
        foreach (var destination in configuration.Destinations)
            output.WriteLine($"destination  {destination.Name}: {destination.Url.GetLeftPart(UriPartial.Authority)}");
    }
}
