using HookGateway.Configuration;

namespace HookGateway.Host.Demo;

/// <summary>The whole thing in one process: a sender, the gateway with a temporary store, a receiver, and the judge of them.</summary>
internal static class DemoScenario
{
    /// <summary>Runs until the time is over or the process is told to end.</summary>
    /// <param name="limit">How long; <see langword="null"/> until Ctrl-C. The sender stops after half of it.</param>
    /// <param name="screen">Where it is shown.</param>
    /// <param name="error">For the addresses.</param>
    /// <param name="cancellationToken">Ends it early, as Ctrl-C does.</param>
    public static async Task<DemoVerdict> RunAsync(
        TimeSpan? limit, DemoScreen screen, TextWriter error, CancellationToken cancellationToken)
    {
        var directory = Directory.CreateTempSubdirectory("hookgateway-demo-");
        try
        {
            var ledger = new DemoLedger(DemoConfiguration.Quiet);
            await using var receiver = new DemoReceiver(ledger, screen);
            var receiverUrl = await receiver.StartAsync(cancellationToken);
            var configuration = DemoConfiguration.Write(directory.FullName, receiverUrl);
            await using var gateway = GatewayApplication.Build(configuration);
            await gateway.StartAsync(cancellationToken);
            var url = new Uri($"https://{configuration.Listen.Https!.Address}{configuration.Sources[0].Path}");
            error.WriteLine($"SysAid posts to  {url}");
            error.WriteLine($"delivered to     {receiverUrl}");
            error.WriteLine($"admin            http://{configuration.Listen.Admin.Address}/");

            using var ended = CancellationTokenSource.CreateLinkedTokenSource(gateway.Lifetime.ApplicationStopping, cancellationToken);
            var complete = await PlayAsync(configuration.Sources[0], url, limit, ledger, screen, ended.Token);
            await gateway.StopAsync(CancellationToken.None);
            return ledger.Judge(everythingIsDue: complete);
        }
        finally
        {
            directory.Delete(recursive: true);
        }
    }

    /// <returns>Whether it had its whole time.</returns>
    private static async Task<bool> PlayAsync(
        SourceConfiguration source, Uri url, TimeSpan? limit, DemoLedger ledger, DemoScreen screen, CancellationToken ended)
    {
        using var sender = new DemoSender(source, url, ledger, screen);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(ended);
        var wholeTime = Task.Delay(limit ?? Timeout.InfiniteTimeSpan, TimeProvider.System, ended);
        if (limit is not null)
            stop.CancelAfter(limit.Value / 2);
        await sender.PlayAsync(stop.Token);

        // The rest of the time is waited out even where all has arrived: something that should not may still come.
        await wholeTime.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return wholeTime.IsCompletedSuccessfully;
    }
}
