using System.Globalization;
using System.Net;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Yarp.ReverseProxy;
using Yarp.ReverseProxy.Configuration;

namespace HookGateway.Load.Peers;

/// <summary>The servers that the gateway stands beside, on as bare a host as its own.</summary>
internal static class PlainServers
{
    /// <summary>Reads each body whole and answers 202.</summary>
    public static WebApplication Kestrel(int port, X509Certificate2? certificate)
    {
        var server = Builder(port, certificate).Build();
        server.Run(static async context =>
        {
            await context.Request.BodyReader.CopyToAsync(Stream.Null, context.RequestAborted);
            context.Response.StatusCode = StatusCodes.Status202Accepted;
        });
        return server;
    }

    /// <summary>Reads each body whole, keeps it in a file in <paramref name="directory"/>, and answers 202 when it is on the disk.</summary>
    public static WebApplication Synced(int port, X509Certificate2? certificate, string directory)
    {
        var builder = Builder(port, certificate);
        builder.Services.AddSingleton(_ => new SyncedLog(directory));
        var server = builder.Build();
        var log = server.Services.GetRequiredService<SyncedLog>();
        server.Run(async context =>
        {
            var body = new byte[context.Request.ContentLength ?? throw new BadHttpRequestException("A length is needed.", StatusCodes.Status411LengthRequired)];
            await context.Request.Body.ReadExactlyAsync(body, context.RequestAborted);
            await log.AppendAsync(body);
            context.Response.StatusCode = StatusCodes.Status202Accepted;
        });
        return server;
    }

    /// <summary>Passes each request on and answers what the downstream does.</summary>
    /// <param name="port">Where it listens.</param>
    /// <param name="certificate">Makes it listen with TLS.</param>
    /// <param name="downstream">Where requests go.</param>
    /// <param name="destinations">How many clusters take turns, one request each, with connections of their own.</param>
    public static WebApplication Yarp(int port, X509Certificate2? certificate, Uri downstream, int destinations = 1)
    {
        string[] names = [.. Enumerable.Range(0, destinations).Select(number => string.Create(CultureInfo.InvariantCulture, $"downstream-{number}"))];
        var builder = Builder(port, certificate);
        builder.Services.AddRoutingCore();
        builder.Services.AddReverseProxy().LoadFromMemory(
            [new RouteConfig { RouteId = "all", ClusterId = names[0], Match = new RouteMatch { Path = "/{**path}" } }],
            [
                .. from name in names
                   select new ClusterConfig
                   {
                       ClusterId = name,
                       Destinations = new Dictionary<string, DestinationConfig> { ["one"] = new() { Address = downstream.AbsoluteUri } },
                   },
            ]);
        var server = builder.Build();
        if (names.Length == 1)
        {
            server.MapReverseProxy();
            return server;
        }

        var requests = 0;
        server.MapReverseProxy(proxy =>
        {
            var clusters = proxy.ApplicationServices.GetRequiredService<IProxyStateLookup>();
            proxy.Use((context, next) =>
            {
                var turn = (uint)Interlocked.Increment(ref requests) % (uint)names.Length;
                clusters.TryGetCluster(names[turn], out var cluster);
                context.ReassignProxyRequest(cluster!);
                return next();
            });

            // As without a pipeline of one's own.
            proxy.UseSessionAffinity();
            proxy.UseLoadBalancing();
            proxy.UsePassiveHealthChecks();
        });
        return server;
    }

    private static WebApplicationBuilder Builder(int port, X509Certificate2? certificate)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, port, listen =>
        {
            if (certificate is not null)
                listen.UseHttps(certificate);
        }));
        return builder;
    }
}
