using HookGateway.Configuration;

namespace HookGateway.Host;

/// <summary>Puts the gateway together.</summary>
internal static class GatewayApplication
{
    /// <summary>Builds a gateway that is not yet started.</summary>
    /// <param name="configuration">What it shall do.</param>
    public static WebApplication Build(GatewayConfiguration configuration) =>
        throw new NotImplementedException();
}
