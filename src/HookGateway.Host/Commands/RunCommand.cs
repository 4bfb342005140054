using System.CommandLine;
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

        WebApplication? gateway = null;
        try
        {
            do
            {
                await AbsentStore.WhenThereAsync(configuration, cancellationToken);
                gateway = GatewayApplication.Build(configuration);
            }
            while (!await TryStartAsync(gateway, cancellationToken));

            Describe(configuration, gateway.Urls, output);
            await gateway.WaitForShutdownAsync(cancellationToken);
            return Outcome(gateway.Services, error);
        }
        catch (OperationCanceledException)
        {
            // Told to end while it was starting.
            await EndAsync(gateway);
            return ExitCode.Done;
        }
        catch (Exception e) when (e is StoreException or IOException or UnauthorizedAccessException or CryptographicException or SocketException)
        {
            error.WriteLine($"The gateway cannot start: {(e is SocketException ? Unheard(configuration.Listen, e) : e.Message)}");
            await EndAsync(gateway);
            return ExitCode.Failed;
        }
        finally
        {
            if (gateway is not null)
                await gateway.DisposeAsync();
        }
    }

    /// <summary>Done, unless a part of the gateway failed and the host ended for it.</summary>
    internal static int Outcome(IServiceProvider services, TextWriter error)
    {
        var failed = services.GetServices<IHostedService>().OfType<BackgroundService>()
            .FirstOrDefault(service => service.ExecuteTask is { IsFaulted: true });
        if (failed is null)
            return ExitCode.Done;

        // Without the message, which may hold a URL; the log has it.
        error.WriteLine($"The gateway ended by a fault of its own: {failed.GetType().Name} failed. Start it again; the log above says more.");
        return ExitCode.Failed;
    }

    /// <returns>Whether it started; where not, its store went away meanwhile, and it has ended.</returns>
    private static async Task<bool> TryStartAsync(WebApplication gateway, CancellationToken cancellationToken)
    {
        try
        {
            await gateway.StartAsync(cancellationToken);
            return true;
        }
        catch (StoreException e) when (e.IsAway)
        {
            await EndAsync(gateway);
            await gateway.DisposeAsync();
            return false;
        }
    }

    // What has started already (the store, its deliveries) ends in order before it is taken apart.
    private static Task EndAsync(WebApplication? gateway) => gateway?.StopAsync(CancellationToken.None) ?? Task.CompletedTask;

    // The error of a port that needs privileges, or of an address of another machine, does not say which it is.
    private static string Unheard(ListenConfiguration listen, Exception error)
    {
        var addresses = new[] { listen.Https?.Address, listen.Http, listen.Admin.Address }.Where(address => address is not null);
        return $"it cannot listen on one of {string.Join(", ", addresses)}: {error.Message}.";
    }

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
            output.WriteLine($"destination  {destination.Name}: {string.Join(", ", destination.Urls.Select(url => url.GetLeftPart(UriPartial.Authority)))}");
    }
}
