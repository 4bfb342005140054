using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace HookGateway.Configuration.Reading;

/// <summary>Addresses and networks as they are written.</summary>
internal static class NetworkAddress
{
    /// <summary>
    /// <c>host:port</c>, the host an IPv4 address, an IPv6 address in brackets, <c>localhost</c> (127.0.0.1) or <c>*</c> (every
    /// address of the machine).
    /// </summary>
    public static bool TryParseEndPoint(string text, out IPEndPoint endPoint)
    {
        endPoint = new IPEndPoint(IPAddress.Loopback, 0);
        var colon = text.LastIndexOf(':');
        if (colon <= 0 || !ushort.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var port))
            return false;
        var address = ParseHost(text[..colon]);
        if (address is null)
            return false;
        endPoint = new IPEndPoint(address, port);
        return true;
    }

    /// <summary>CIDR, or a bare address for it alone. IPv4 in its IPv6 form is none: it would never match.</summary>
    public static bool TryParseNetwork(string text, out IPNetwork network)
    {
        network = default;
        if (TryParseAddress(text, out var address))
            network = new IPNetwork(address, address.AddressFamily == AddressFamily.InterNetwork ? 32 : 128);
        else if (!TryParseAddress(text.Split('/')[0], out address) || !IPNetwork.TryParse(text, out network))
            return false;

        // 10.0.0.1/8 is perhaps meant for that one address: to read it as the whole network could let others in.
        if (!network.BaseAddress.Equals(address))
            return false;
        return !network.BaseAddress.IsIPv4MappedToIPv6;
    }

    /// <summary>Whether two listeners would want the same port of the same address.</summary>
    public static bool Overlap(IPEndPoint a, IPEndPoint b) =>
        a.Port == b.Port && a.Port != 0
            && (a.Address.Equals(b.Address) || Covers(a.Address, b.Address) || Covers(b.Address, a.Address));

    private static bool Covers(IPAddress all, IPAddress one) =>
        all.Equals(IPAddress.IPv6Any) || (all.Equals(IPAddress.Any) && one.AddressFamily == AddressFamily.InterNetwork);

    private static IPAddress? ParseHost(string host) => host switch
    {
        "*" => Socket.OSSupportsIPv6 ? IPAddress.IPv6Any : IPAddress.Any,
        "localhost" => IPAddress.Loopback,
        ['[', .. var inner, ']'] => ParseHost(inner, AddressFamily.InterNetworkV6),
        _ => ParseHost(host, AddressFamily.InterNetwork),
    };

    private static IPAddress? ParseHost(string host, AddressFamily family) =>
        TryParseAddress(host, out var address) && address.AddressFamily == family ? address : null;

    // The platform reads "10.1" as 10.0.0.1 and "010.0.0.1" as octal: only the usual form counts here.
    private static bool TryParseAddress(string text, out IPAddress address)
    {
        var parsed = IPAddress.TryParse(text, out var found);
        address = found ?? IPAddress.None;
        return parsed && !text.StartsWith('[')
            && (address.AddressFamily == AddressFamily.InterNetworkV6 || address.ToString() == text);
    }
}
