using System.Buffers.Text;
using System.Net;
using System.Net.Sockets;

namespace HookGateway.Benchmarks.Deliver;

/// <summary>
/// A downstream on a loopback port that answers every request with 204 as soon as its body is there, one connection after the
/// other, on a thread of its own. It leaves no garbage, so that what is measured in this process is the sender's.
/// </summary>
internal sealed class InstantDownstream : IDisposable
{
    private readonly Socket _listener = new(SocketType.Stream, ProtocolType.Tcp);
    private readonly Thread _thread;
    private readonly byte[] _buffer = new byte[64 * 1024];
    private Socket? _connection;
    private SemaphoreSlim? _permits;

    public InstantDownstream()
    {
        _listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _listener.Listen();
        _thread = new Thread(Serve) { IsBackground = true, Name = "downstream" };
        _thread.Start();
    }

    /// <summary>Where it listens.</summary>
    public Uri Url => new($"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndPoint!).Port}/tickets");

    /// <summary>From now on each answer takes one of these permits, and waits for it.</summary>
    public void AnswerBy(SemaphoreSlim permits) => Volatile.Write(ref _permits, permits);

    private void Serve()
    {
        try
        {
            while (true)
            {
                using var connection = _connection = _listener.Accept();
                connection.NoDelay = true;
                while (Read(connection))
                {
                    Volatile.Read(ref _permits)?.Wait();
                    connection.Send("HTTP/1.1 204 No Content\r\n\r\n"u8);
                }
            }
        }
        catch (Exception error) when (error is SocketException or ObjectDisposedException)
        {
            // It is closed.
        }
    }

    /// <returns>Whether there was another request.</returns>
    private bool Read(Socket connection)
    {
        var (read, wanted) = (0, int.MaxValue);
        while (read < wanted)
        {
            var more = connection.Receive(_buffer.AsSpan(read));
            if (more == 0)
                return false;

            read += more;
            var end = _buffer.AsSpan(0, read).IndexOf("\r\n\r\n"u8);
            if (end >= 0)
                wanted = end + 4 + LengthIn(_buffer.AsSpan(0, end));
        }

        return true;
    }

    private static int LengthIn(ReadOnlySpan<byte> head)
    {
        var name = "Content-Length: "u8;
        return Utf8Parser.TryParse(head[(head.IndexOf(name) + name.Length)..], out int length, out _)
            ? length
            : throw new InvalidDataException("A request without a Content-Length.");
    }

    public void Dispose()
    {
        _listener.Dispose();
        _connection?.Dispose();
        _thread.Join();
    }
}
