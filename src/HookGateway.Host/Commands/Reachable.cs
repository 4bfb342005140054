using System.Net;

namespace HookGateway.Host.Commands;

/// <summary>Where this machine reaches a listener.</summary>
internal static class Reachable
{
    /// <summary>The address itself, or loopback where the listener takes every address.</summary>
    public static IPEndPoint From(IPEndPoint listener) => listener.Address switch
    {
        var any when any.Equals(IPAddress.Any) => new IPEndPoint(IPAddress.Loopback, listener.Port),
        var any when any.Equals(IPAddress.IPv6Any) => new IPEndPoint(IPAddress.IPv6Loopback, listener.Port),
        _ => listener,
    };
}
