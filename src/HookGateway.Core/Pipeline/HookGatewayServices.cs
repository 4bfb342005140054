using HookGateway.Admin;
using HookGateway.Coalesce;
using HookGateway.Configuration;
using HookGateway.Deliver;
using HookGateway.Edge;
using HookGateway.Observe;
using HookGateway.Route;
using HookGateway.Store;
using HookGateway.Verify;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.HttpOverrides;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace HookGateway.Pipeline;

/// <summary>The gateway's table of contents: what is registered, and what a request passes.</summary>
public static class HookGatewayServices
{
    /// <summary>
    /// Registers a gateway of one configuration. The storage engine is registered by its own assembly
    /// (<c>AddSqliteEventStore</c>). Hosted services start in this order and stop in the reverse: the store is open before
    /// anything is leased, and closed after everything is settled.
    /// </summary>
    public static IServiceCollection AddHookGateway(this IServiceCollection services, GatewayConfiguration configuration)
    {
        services.TryAddSingleton(provider => SteadyTimeProvider.Of(provider.GetRequiredService<TimeProvider>()));

        // Edge
        services.AddListeners(configuration);
        services.AddSingleton<IngestEndpoint>();
        services.AddSingleton<Draining>();
        services.AddHostedService(provider => provider.GetRequiredService<Draining>());

        // Verify, Route
        services.AddSingleton(new RouteTable(configuration.Routes));
        services.AddSingleton<EventPipeline>();
        services.AddSingleton<CaptureFolder>();

        // Store
        services.AddHostedService<StoreLifetime>();
        services.AddHostedService<RetentionLoop>();
        services.AddHostedService<AuditLoop>();

        // Deliver
        services.AddDestinations(configuration);
        services.AddSingleton<Lanes>();
        services.AddHostedService(provider => provider.GetRequiredService<Lanes>());
        services.AddHostedService<DestinationSharing>();
        services.AddSingleton<ProxyForwarder>();

        // Coalesce
        services.AddSingleton<Coalescer>();
        services.AddHostedService<ReleaseLoop>();

        // Replay
        services.AddSingleton<EventReplay>();
        services.AddSingleton<BulkReplays>();
        services.AddHostedService(provider => provider.GetRequiredService<BulkReplays>());

        // Observe
        services.AddSingleton<EventFeed>();
        services.AddGatewayTelemetry(configuration.Telemetry);
        services.AddHostedService<DestinationWatch>();
        services.AddHealthChecks().AddCheck<ReadyCheck>("ready");
        services.AddHostedService(provider => provider.GetRequiredService<ServerCertificate>());
        return services;
    }

    /// <summary>Registers what listens, as it is configured, and nothing else: <see cref="UseWithoutStore"/>.</summary>
    public static IServiceCollection AddListeners(this IServiceCollection services, GatewayConfiguration configuration)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton(configuration);
        services.AddSingleton<ServerCertificate>();
        services.AddSingleton<IConfigureOptions<KestrelServerOptions>, Listeners>();
        return services;
    }

    /// <summary>Answers every request as a gateway whose store is not there yet.</summary>
    /// <param name="app">What answers.</param>
    /// <param name="reason">Why the store is not there, as it is now.</param>
    public static IApplicationBuilder UseWithoutStore(this IApplicationBuilder app, Func<string> reason)
    {
        app.Run(new WithoutStore(app.ApplicationServices.GetRequiredService<GatewayConfiguration>(), reason).AnswerAsync);
        return app;
    }

    /// <summary>Leads requests at the admin port to the admin endpoints, and all others to the ingest endpoint.</summary>
    public static IApplicationBuilder UseHookGateway(this IApplicationBuilder app)
    {
        var listen = app.ApplicationServices.GetRequiredService<GatewayConfiguration>().Listen;
        if (listen.Drain > TimeSpan.Zero)
            app.Use(app.ApplicationServices.GetRequiredService<Draining>().HandleAsync);

        app.MapWhen(Listeners.IsAdmin, admin => admin.UseAdmin());
        if (listen.TrustedProxies.Count > 0)
            app.UseForwardedHeaders(Forwarded(listen.TrustedProxies));

        var ingest = app.ApplicationServices.GetRequiredService<IngestEndpoint>();
        app.Run(ingest.HandleAsync);
        return app;
    }

    private static ForwardedHeadersOptions Forwarded(IReadOnlyList<System.Net.IPNetwork> proxies)
    {
        var options = new ForwardedHeadersOptions
        {
            ForwardedHeaders = ForwardedHeaders.XForwardedFor | ForwardedHeaders.XForwardedProto | ForwardedHeaders.XForwardedHost,

            // As many hops as are trusted, up to a bound: the header's length is the sender's choice.
            ForwardLimit = 16,
        };
        options.KnownIPNetworks.Clear();
        options.KnownProxies.Clear();
        foreach (var network in proxies)
            options.KnownIPNetworks.Add(network);

        return options;
    }
}
