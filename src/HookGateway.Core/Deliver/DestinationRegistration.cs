using System.Collections.Concurrent;
using System.Xml.Linq;
using HookGateway.Configuration;
using HookGateway.Deliver.Outbound;
using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Microsoft.AspNetCore.DataProtection.Repositories;
using Microsoft.Extensions.DependencyInjection;
using Yarp.ReverseProxy.Forwarder;
using Yarp.ReverseProxy.Health;

namespace HookGateway.Deliver;

/// <summary>What sending needs: YARP, its clusters and clients.</summary>
internal static class DestinationRegistration
{
    /// <summary>Registers the configured destinations; with them <see cref="DestinationClusters"/> can be asked for.</summary>
    public static IServiceCollection AddDestinations(this IServiceCollection services, GatewayConfiguration configuration)
    {
        services.AddReverseProxy().LoadFromMemory([], DestinationClusters.Describe(configuration));
        services.AddSingleton<IForwarderHttpClientFactory, DestinationHttpClientFactory>();
        services.AddSingleton<IProbingRequestFactory, HealthProbe>();

        // YARP brings keys for affinity cookies, which nothing here sets: they shall not be written to the home directory.
        services.Configure<KeyManagementOptions>(options => options.XmlRepository = new EphemeralKeys());
        services.AddHybridCache();
        services.AddSingleton<EgressGuard>();
        services.AddSingleton<ForwardedHeaders>();
        services.AddSingleton<TlsFiles>();
        services.AddHostedService(provider => provider.GetRequiredService<TlsFiles>());
        services.AddSingleton<DestinationClusters>();
        services.AddSingleton<DestinationPipelines>();
        return services;
    }

    private sealed class EphemeralKeys : IXmlRepository
    {
        private readonly ConcurrentBag<XElement> _keys = [];

        public IReadOnlyCollection<XElement> GetAllElements() => _keys;

        public void StoreElement(XElement element, string friendlyName) => _keys.Add(element);
    }
}
