using System.Net;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
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

    /// <summary>Passes each request on and answers what the downstream does.</summary>
    public static WebApplication Yarp(int port, X509Certificate2? certificate, Uri downstream)
    {
        var builder = Builder(port, certificate);
        builder.Services.AddRoutingCore();
        builder.Services.AddReverseProxy().LoadFromMemory(
            [new RouteConfig { RouteId = "all", ClusterId = "downstream", Match = new RouteMatch { Path = "/{**path}" } }],
            [
                new ClusterConfig
                {
                    ClusterId = "downstream",
                    Destinations = new Dictionary<string, DestinationConfig> { ["one"] = new() { Address = downstream.AbsoluteUri } },
                },
            ]);
        var server = builder.Build();
        server.MapReverseProxy();
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
