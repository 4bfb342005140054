using System.Net;
using System.Net.Sockets;
using System.Text;

namespace HookGateway.Testing.Downstream;

/// <summary>A downstream on a loopback port that speaks whatever bytes a test likes, one connection after the other.</summary>
public sealed class RawDownstream : IAsyncDisposable
{
    private readonly Socket _listener;
    private readonly CancellationTokenSource _disposed = new();
    private readonly Task _accepting;
    private int _connections;

    private RawDownstream(Func<Socket, CancellationToken, Task> serve, IPAddress? address)
    {
        _listener = new Socket(SocketType.Stream, ProtocolType.Tcp);
        _listener.Bind(new IPEndPoint(address ?? IPAddress.Loopback, 0));
        _listener.Listen();
        _accepting = AcceptAsync(serve);
    }

    /// <summary>Where it listens.</summary>
    public int Port => ((IPEndPoint)_listener.LocalEndPoint!).Port;

    /// <summary>How many connections have come.</summary>
    public int Connections => Volatile.Read(ref _connections);

    /// <summary>Starts one that is handed each connection.</summary>
    public static RawDownstream Start(Func<Socket, CancellationToken, Task> serve, IPAddress? address = null) => new(serve, address);

    /// <summary>Starts one that reads a little of the request, writes this, and closes.</summary>
    public static RawDownstream Saying(string answer) => Start(async (socket, cancel) =>
    {
        await socket.ReceiveAsync(new byte[4096], cancel);
        await SendAsync(socket, answer, cancel);
    });

    /// <summary>Writes text as it is.</summary>
    public static async Task SendAsync(Socket socket, string text, CancellationToken cancel) =>
        await socket.SendAsync(Encoding.Latin1.GetBytes(text), cancel);

    private async Task AcceptAsync(Func<Socket, CancellationToken, Task> serve)
    {
        var serving = new List<Task>();
        while (!_disposed.IsCancellationRequested)
        {
            try
            {
                var socket = await _listener.AcceptAsync(_disposed.Token);
                Interlocked.Increment(ref _connections);
                serving.Add(ServeAsync(socket, serve));
            }
            catch (OperationCanceledException)
            {
                break;
            }
        }

        await Task.WhenAll(serving);
    }

    private async Task ServeAsync(Socket socket, Func<Socket, CancellationToken, Task> serve)
    {
        using (socket)
        {
            try
            {
                await serve(socket, _disposed.Token);
                if (socket.LingerState is { Enabled: false })
                    socket.Shutdown(SocketShutdown.Send);
            }
            catch (Exception error) when (error is OperationCanceledException or SocketException)
            {
                // The gateway has gone away, or the test ends.
            }
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _disposed.CancelAsync();
        await _accepting;
        _listener.Dispose();
        _disposed.Dispose();
    }
}
