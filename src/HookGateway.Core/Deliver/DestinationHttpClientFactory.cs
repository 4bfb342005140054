using System.Text;
using HookGateway.Configuration;
using HookGateway.Deliver.Outbound;
using Yarp.ReverseProxy.Forwarder;

namespace HookGateway.Deliver;

/// <summary>What every destination's HTTP client has beyond YARP's own settings (no redirects, no cookies).</summary>
internal sealed class DestinationHttpClientFactory(GatewayConfiguration configuration, EgressGuard egress, TlsFiles tls)
    : ForwarderHttpClientFactory
{
    // YARP makes a new client when the settings change; what stands in certificate files is none of them.
    protected override bool CanReuseOldClient(ForwarderHttpClientContext context) =>
        base.CanReuseOldClient(context)
        && context.OldMetadata?.GetValueOrDefault(TlsFiles.Revision) == context.NewMetadata?.GetValueOrDefault(TlsFiles.Revision);

    protected override void ConfigureHandler(ForwarderHttpClientContext context, SocketsHttpHandler handler)
    {
        base.ConfigureHandler(context, handler);
        var destination = configuration.Destinations.Single(destination => destination.Name == context.ClusterId);
        tls.Of(destination.Name)?.Apply(handler.SslOptions);
        handler.ConnectCallback = egress.ConnectAsync;

        // YARP's own 15 s would end a longer attempt as if somebody had cancelled it.
        handler.ConnectTimeout = destination.Timeout;

        // The attempt's own span writes traceparent; the handler's would add a second CLIENT span under it.
        handler.ActivityHeadersPropagator = null;

        // So that a change of DNS is followed.
        handler.PooledConnectionLifetime = TimeSpan.FromMinutes(5);

        // An event's name may hold any letters; headers are otherwise held to ASCII.
        handler.RequestHeaderEncodingSelector = (_, _) => Encoding.UTF8;
        handler.ResponseHeaderEncodingSelector = (_, _) => Encoding.Latin1;
    }
}
