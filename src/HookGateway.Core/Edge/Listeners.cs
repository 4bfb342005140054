using HookGateway.Configuration;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace HookGateway.Edge;

/// <summary>Kestrel as <c>listen</c> and <c>limits</c> say. Senders and operators come in at ports of their own.</summary>
internal sealed class Listeners(GatewayConfiguration configuration, ServerCertificate certificate) : IConfigureOptions<KestrelServerOptions>
{
    // A connection that sends nothing still costs memory; ten times the requests leaves room for idle keep-alives.
    private const int ConnectionsPerRequest = 10;

    public void Configure(KestrelServerOptions options)
    {
        var limits = configuration.Limits;
        options.AddServerHeader = false;
        options.Limits.RequestHeadersTimeout = limits.RequestTimeout;
        options.Limits.MaxConcurrentConnections = (long)ConnectionsPerRequest * limits.ConcurrentRequests;

        // The ingest endpoint holds bodies to limits.bodySize itself, so that the answer can say so.
        options.Limits.MaxRequestBodySize = null;

        var listen = configuration.Listen;
        if (listen.Https is { } https)
        {
            certificate.Load();
            options.Listen(https.Address, endpoint =>
            {
                endpoint.Protocols = HttpProtocols.Http1AndHttp2;
                endpoint.UseHttps(certificate.Handshake());
            });
        }

        if (listen.Http is { } http)
            options.Listen(http, endpoint => endpoint.Protocols = HttpProtocols.Http1);

        options.Listen(listen.Admin.Address, endpoint =>
        {
            endpoint.Protocols = HttpProtocols.Http1;
            endpoint.Use(next => connection =>
            {
                connection.Features.Set(AdminConnection.Instance);
                return next(connection);
            });
        });
    }

    /// <summary>Whether a request came in at the admin port.</summary>
    public static bool IsAdmin(HttpContext context) => context.Features.Get<AdminConnection>() is not null;

    /// <summary>Marks a connection at the admin port.</summary>
    private sealed class AdminConnection
    {
        public static readonly AdminConnection Instance = new();
    }
}
