using HookGateway.Configuration;
using Yarp.ReverseProxy.Health;
using Yarp.ReverseProxy.Model;

namespace HookGateway.Deliver.Outbound;

/// <summary>
/// The request that asks after an address's health. It carries the destination's <c>headers</c> and <c>auth</c>, or a downstream
/// that lets nobody in without them would never be healthy. A token that has to be fetched first it does without.
/// </summary>
internal sealed class HealthProbe(GatewayConfiguration configuration) : IProbingRequestFactory
{
    public HttpRequestMessage CreateRequest(ClusterModel cluster, DestinationModel address)
    {
        var destination = configuration.Destinations.Single(destination => destination.Name == cluster.Config.ClusterId);
        var url = new Uri(new Uri(address.Config.Health!), cluster.Config.HealthCheck!.Active!.Path);
        var request = new HttpRequestMessage(HttpMethod.Get, url)
        {
            Version = url.Scheme == Uri.UriSchemeHttps ? System.Net.HttpVersion.Version20 : System.Net.HttpVersion.Version11,
            VersionPolicy = HttpVersionPolicy.RequestVersionOrLower,
        };

        // Those of a body have no place here, and are left out.
        foreach (var (name, value) in destination.Headers)
            request.Headers.TryAddWithoutValidation(name, value);

        if (destination.Auth is AuthConfiguration.Basic or AuthConfiguration.Bearer or AuthConfiguration.ApiKey)
            RequestCredentials.Apply(destination.Auth, request);

        return request;
    }
}
