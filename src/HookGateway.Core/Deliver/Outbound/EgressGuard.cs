using System.Net;
using System.Net.Sockets;
using HookGateway.Configuration;

namespace HookGateway.Deliver.Outbound;

/// <summary>
/// Dials for every destination, and only what may be dialled. It looks at the very address that it then connects to, at every
/// connection: a name that resolves to something else the second time gains nothing.
/// </summary>
internal sealed class EgressGuard
{
    // Where clouds answer whoever asks from inside with credentials: AWS, Azure, Google, Oracle and most others are
    // link-local; the rest by their providers' documentation (AWS and Google over IPv6, Alibaba, Oracle, Azure's own agent).
    private static readonly IPNetwork[] DeniedUnasked =
    [
        IPNetwork.Parse("169.254.0.0/16"), IPNetwork.Parse("fe80::/10"), IPNetwork.Parse("fd00:ec2::254/128"),
        IPNetwork.Parse("fd20:ce::254/128"), IPNetwork.Parse("100.100.100.200/32"), IPNetwork.Parse("192.0.0.192/32"),
        IPNetwork.Parse("168.63.129.16/32"),
    ];

    private static readonly IPNetwork Nat64 = IPNetwork.Parse("64:ff9b::/96");

    private readonly (IPNetwork Network, bool IsAllowed)[] _rules;

    public EgressGuard(GatewayConfiguration configuration)
    {
        var egress = configuration.Egress;
        _rules =
        [
            .. egress.Allow.Select(network => (Network: network, IsAllowed: true))
                .Concat(egress.Deny.Concat(DeniedUnasked).Select(network => (Network: network, IsAllowed: false)))
                .OrderByDescending(rule => rule.Network.PrefixLength)
                .ThenByDescending(rule => rule.IsAllowed),
        ];
    }

    /// <summary>Whether an address may be dialled, whichever way it is written.</summary>
    public bool Allows(IPAddress address) => Meanings(address).All(AllowsPlain);

    /// <summary>
    /// Checks a URL that is asked for through a proxy: nothing but the proxy is dialled here, so what the proxy dials can be
    /// checked only where the URL says it.
    /// </summary>
    /// <exception cref="EgressDeniedException">Its host is an address that may not be dialled.</exception>
    public void CheckLiteral(Uri url)
    {
        if (IPAddress.TryParse(url.Host, out var address) && !Allows(address))
            throw new EgressDeniedException(address);
    }

    /// <summary>Connects to what a host's name stands for now: the first address that may be dialled and answers.</summary>
    /// <exception cref="EgressDeniedException">None of its addresses may be dialled.</exception>
    /// <exception cref="SocketException">It cannot be resolved, or does not answer.</exception>
    public async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellationToken)
    {
        var (host, port) = (context.DnsEndPoint.Host, context.DnsEndPoint.Port);
        Exception? failure = null;
        IPAddress[] addresses = IPAddress.TryParse(host, out var literal)
            ? [literal]
            : await Dns.GetHostAddressesAsync(host, cancellationToken).ConfigureAwait(false);
        foreach (var address in addresses)
        {
            if (!Allows(address))
            {
                failure ??= new EgressDeniedException(address);
                continue;
            }

            try
            {
                return await DialAsync(address, port, cancellationToken).ConfigureAwait(false);
            }
            catch (SocketException error)
            {
                failure = error;
            }
        }

        throw failure ?? new SocketException((int)SocketError.HostNotFound);
    }

    private static async ValueTask<Stream> DialAsync(IPAddress address, int port, CancellationToken cancellationToken)
    {
        var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(new IPEndPoint(address, port), cancellationToken).ConfigureAwait(false);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private bool AllowsPlain(IPAddress address)
    {
        foreach (var (network, isAllowed) in _rules)
        {
            if (network.Contains(address))
                return isAllowed;
        }

        return true;
    }

    /// <summary>The address, and those that dialling it comes to: an IPv6 address can stand for an IPv4 one, and 0.0.0.0 is this machine.</summary>
    private static IEnumerable<IPAddress> Meanings(IPAddress address)
    {
        var plain = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        yield return plain;
        if (Nat64.Contains(plain))
            yield return new IPAddress(plain.GetAddressBytes().AsSpan(12));

        if (plain.Equals(IPAddress.Any))
            yield return IPAddress.Loopback;
        else if (plain.Equals(IPAddress.IPv6Any))
            yield return IPAddress.IPv6Loopback;
    }
}

/// <summary>An address that <c>egress</c> denies.</summary>
internal sealed class EgressDeniedException(IPAddress address) : Exception($"the address {address} is denied by egress");
