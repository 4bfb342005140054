using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using HookGateway.Testing;

namespace HookGateway.Load.Machine;

/// <summary>A server in a process of its own, bound to some CPUs; it ends with this object.</summary>
internal sealed class ServerProcess : IAsyncDisposable
{
    private readonly Process _process;
    private readonly StringBuilder _output = new();

    private ServerProcess(ProcessStartInfo command)
    {
        _process = new Process { StartInfo = command };
        _process.OutputDataReceived += (_, line) => Append(line.Data);
        _process.ErrorDataReceived += (_, line) => Append(line.Data);
        _process.Start();
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    /// <summary>Its process id: <c>taskset</c> becomes what it runs.</summary>
    public int Id => _process.Id;

    /// <summary>Starts one and waits until it takes connections.</summary>
    /// <param name="cpus">Where it runs.</param>
    /// <param name="port">A loopback port that it listens on.</param>
    /// <param name="command">The program and its words.</param>
    /// <exception cref="InvalidOperationException">It ended, or did not listen; the message has what it wrote.</exception>
    public static async Task<ServerProcess> StartAsync(CpuSet cpus, int port, params IEnumerable<string> command)
    {
        string[] words = [.. cpus.Wrapper, .. command];
        var start = new ProcessStartInfo(words[0], words.Skip(1)) { RedirectStandardOutput = true, RedirectStandardError = true };
        ServerEnvironment.Set(start.Environment);
        var server = new ServerProcess(start);
        try
        {
            await Wait.UntilAsync(() => server._process.HasExited || Listens(port), $"{words[^1]} to listen on port {port}", TimeSpan.FromSeconds(60));
            return server._process.HasExited
                ? throw new InvalidOperationException($"{string.Join(' ', words)} ended with {server._process.ExitCode}; it wrote:\n{server.Output}")
                : server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    private string Output
    {
        get
        {
            lock (_output)
                return _output.ToString();
        }
    }

    private static bool Listens(int port)
    {
        using var client = new TcpClient();
        try
        {
            client.Connect(IPAddress.Loopback, port);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private void Append(string? line)
    {
        lock (_output)
            _output.AppendLine(line);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
            await _process.WaitForExitAsync(CancellationToken.None);
        }

        _process.Dispose();
    }
}
