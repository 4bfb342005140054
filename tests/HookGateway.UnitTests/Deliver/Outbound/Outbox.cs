using HookGateway.Configuration;
using HookGateway.Deliver;
using HookGateway.Deliver.Outbound;
using HookGateway.Events;
using HookGateway.Store;
using HookGateway.UnitTests.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace HookGateway.UnitTests.Deliver.Outbound;

/// <summary>A destination as it is configured, with everything that sends to it, over real sockets, and no store.</summary>
internal sealed class Outbox : IAsyncDisposable
{
    private readonly ServiceProvider _services;
    private readonly DestinationPipeline _pipeline;
    private int _attempts;

    private Outbox(GatewayConfiguration configuration, TimeProvider time)
    {
        Destination = configuration.Destinations[0];
        _services = new ServiceCollection().AddLogging().AddRouting().AddSingleton(time)
            .AddSingleton(configuration).AddDestinations(configuration).BuildServiceProvider();
        var sender = _services.GetRequiredService<DestinationClusters>().SenderOf(Destination);
        _pipeline = new DestinationPipeline(Destination, sender, new SteadyTimeProvider(time));
    }

    public DestinationConfiguration Destination { get; }

    public TlsFiles Tls => _services.GetRequiredService<TlsFiles>();

    /// <summary>One whose destination has these lines.</summary>
    /// <param name="destination">The lines under <c>jira:</c>.</param>
    /// <param name="root">Lines of the document's root.</param>
    /// <param name="time">Default the system's.</param>
    public static Outbox Of(string destination, string root = "", TimeProvider? time = null) =>
        new(Given.Configuration($"{Given.Destination(destination)}\n{root}"), time ?? TimeProvider.System);

    public static Outbox To(int port, string root = "", string more = "timeout: 60s") =>
        Of($"url: http://127.0.0.1:{port}/hook\n{more}", root);

    public async Task<AttemptResult> SendAsync(Delivery? delivery = null)
    {
        var result = await _pipeline.AttemptAsync(
            delivery ?? LaneTests.NewDelivery(), Interlocked.Increment(ref _attempts), null, TestContext.Current.CancellationToken);
        return Assert.IsType<PipelineResult.Made>(result).Result;
    }

    public ValueTask DisposeAsync() => _services.DisposeAsync();
}
