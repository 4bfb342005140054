using System.Net;

namespace HookGateway.Host.Receiving;

/// <summary>A server that does one thing, and takes nothing from files or variables that happen to be around.</summary>
internal static class PlainServer
{
    /// <summary>Builds it; it is not yet started. Bodies of any size are let through to the handler.</summary>
    public static WebApplication Build(IPEndPoint endpoint, RequestDelegate handler)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Listen(endpoint);
            kestrel.Limits.MaxRequestBodySize = null;
        });
        var server = builder.Build();
        server.Run(handler);
        return server;
    }
}
