using System.Net;
using System.Net.Sockets;

namespace HookGateway.Testing;

/// <summary>Loopback ports that nobody listens on.</summary>
public static class FreePorts
{
    // Below the range that Linux gives to connections' own ends (32768 on): a port of that range that is free now may be one a moment later.
    private const int First = 10240;
    private const int Count = 32768 - First;

    private static readonly Lock Gate = new();
    private static readonly List<Socket> Held = [];
    private static int _next = Random.Shared.Next(Count);

    /// <summary>
    /// Takes so many, all different. They are this process's until it ends, whether somebody listens on them or not: nobody
    /// else gets them from here, nor does the system give them to anybody who asks for any port.
    /// </summary>
    /// <exception cref="InvalidOperationException">All are taken.</exception>
    public static int[] Take(int count)
    {
        lock (Gate)
            return [.. Enumerable.Range(0, count).Select(_ => TakeOne())];
    }

    private static int TakeOne()
    {
        for (var tried = 0; tried < Count; tried++)
        {
            var port = First + _next;
            _next = (_next + 1) % Count;
            if (TryHold(port))
                return port;
        }

        throw new InvalidOperationException($"No port between {First} and {First + Count - 1} is free.");
    }

    // A UDP socket holds the number against other processes that ask here, and leaves the TCP port to whoever listens.
    private static bool TryHold(int port)
    {
        var address = new IPEndPoint(IPAddress.Loopback, port);
        var held = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        try
        {
            held.Bind(address);
            using var listener = new TcpListener(address);
            listener.Start();
            Held.Add(held);
            return true;
        }
        catch (SocketException)
        {
            held.Dispose();
            return false;
        }
    }
}
