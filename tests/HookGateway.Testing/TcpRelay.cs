using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Threading.Channels;

namespace HookGateway.Testing;

/// <summary>The way between a client and a server on this machine, which can be slow, broken, or let nothing through.</summary>
public sealed class TcpRelay : IAsyncDisposable
{
    private readonly CancellationTokenSource _closing = new();
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly Lock _lock = new();
    private readonly List<TcpClient> _ends = [];
    private readonly int _target;
    private readonly Task _accepting;
    private TaskCompletionSource _open = new();
    private byte[]? _reconnectBefore;

    /// <summary>A way to a port.</summary>
    public TcpRelay(int target)
    {
        _target = target;
        _open.SetResult();
        _listener.Start();
        _accepting = AcceptAsync();
    }

    /// <summary>Where the client connects.</summary>
    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>As a client of Redis reads it.</summary>
    public string Connection => $"127.0.0.1:{Port}";

    /// <summary>How much longer everything takes, in each direction.</summary>
    public TimeSpan Delay { get; set; }

    /// <summary>
    /// Once, where the client sends this text: what it begins goes over another connection to the server, unseen by the client, and after
    /// something has been answered to what came before.
    /// </summary>
    public void ReconnectBefore(string text) => Volatile.Write(ref _reconnectBefore, Encoding.ASCII.GetBytes(text));

    /// <summary>Whether <see cref="ReconnectBefore"/> has come to pass.</summary>
    public bool HasReconnected => Volatile.Read(ref _reconnectBefore) is null;

    /// <summary>Nothing passes in either direction, and neither end is told; until <see cref="Mend"/>, when what was held up passes on.</summary>
    public void Part()
    {
        lock (_lock)
        {
            if (_open.Task.IsCompleted)
                _open = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }
    }

    /// <summary>Ends <see cref="Part"/>.</summary>
    public void Mend()
    {
        lock (_lock)
            _open.TrySetResult();
    }

    /// <summary>Breaks all connections there are.</summary>
    public void Cut()
    {
        lock (_lock)
        {
            foreach (var end in _ends)
                end.Client?.Close(0);

            _ends.Clear();
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _closing.CancelAsync();
        _listener.Stop();
        Mend();
        Cut();
        await _accepting.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _closing.Dispose();
    }

    private async Task AcceptAsync()
    {
        while (true)
        {
            var client = await _listener.AcceptTcpClientAsync(_closing.Token);
            _ = RelayAsync(client);
        }
    }

    private async Task RelayAsync(TcpClient client)
    {
        Keep(client);
        try
        {
            var (server, answered) = await ConnectAsync(client);
            var buffer = new byte[64 * 1024];
            while (await client.GetStream().ReadAsync(buffer, _closing.Token) is > 0 and var count)
            {
                var sent = buffer.AsMemory(0, count);
                if (Volatile.Read(ref _reconnectBefore) is { } text && sent.Span.IndexOf(text) is >= 0 and var at)
                {
                    await PassAsync(sent[..at], server);
                    await answered.Reader.ReadAsync(_closing.Token);
                    (server, answered) = await ConnectAsync(client);
                    Volatile.Write(ref _reconnectBefore, null);
                    sent = sent[at..];
                }

                // Only what answers what is sent now is waited for.
                while (answered.Reader.TryRead(out _))
                    continue;

                await PassAsync(sent, server);
            }

            server.Close();
        }
        catch (Exception e) when (IsOver(e))
        {
            // One of the two ended it, or the test.
        }

        client.Close();
    }

    private async Task<(TcpClient Server, Channel<int> Answered)> ConnectAsync(TcpClient client)
    {
        var server = new TcpClient();
        Keep(server);
        await server.ConnectAsync(IPAddress.Loopback, _target, _closing.Token);
        var answered = Channel.CreateUnbounded<int>();
        _ = PumpAsync(server, client, answered);
        return (server, answered);
    }

    private async Task PumpAsync(TcpClient server, TcpClient client, Channel<int> answered)
    {
        var buffer = new byte[64 * 1024];
        try
        {
            while (await server.GetStream().ReadAsync(buffer, _closing.Token) is > 0 and var count)
            {
                await PassAsync(buffer.AsMemory(0, count), client);
                answered.Writer.TryWrite(count);
            }
        }
        catch (Exception e) when (IsOver(e))
        {
            // The same.
        }

        client.Close();
    }

    private void Keep(TcpClient end)
    {
        lock (_lock)
            _ends.Add(end);
    }

    private static bool IsOver(Exception error) =>
        error is IOException or SocketException or ObjectDisposedException or OperationCanceledException or InvalidOperationException;

    private async Task PassAsync(ReadOnlyMemory<byte> bytes, TcpClient to)
    {
        if (Delay > TimeSpan.Zero)
            await Task.Delay(Delay, TimeProvider.System, _closing.Token);

        Task open;
        lock (_lock)
            open = _open.Task;

        await open.WaitAsync(_closing.Token);
        await to.GetStream().WriteAsync(bytes, _closing.Token);
    }
}
