using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace HookGateway.Testing.Redis;

/// <summary>
/// A real <c>redis-server</c> on a free loopback port, with its data in a directory of its own. It ends with the test's process,
/// however that ends.
/// </summary>
public sealed class RedisServer : IAsyncDisposable
{
    // The shell ends the server once its standard input does: when the test disposes it, or is gone. Asked politely, one that writes its first
    // append-only file would not go.
    private const string Watch = "redis-server \"$@\" >&2 & server=$!; echo $server; cat >/dev/null; kill -9 $server 2>/dev/null; wait $server";

    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(60);

    private readonly TemporaryDirectory _directory = new();
    private readonly string[] _settings;
    private readonly string[] _file;
    private Process? _watch;

    private RedisServer(string[] file, string[] settings) => (_file, _settings) = (file, settings);

    /// <summary>Where it listens.</summary>
    public int Port { get; } = FreePorts.Take(1)[0];

    /// <summary>As a client reads it.</summary>
    public string Connection => string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{Port}");

    /// <summary>The server's own process id.</summary>
    public int Pid { get; private set; }

    /// <summary>Starts one that has nothing but what it is told: no snapshots, and an append-only file only if asked for.</summary>
    /// <param name="settings">As on the command line: <c>--appendonly yes</c> is two of them.</param>
    public static Task<RedisServer> StartAsync(params string[] settings) => StartAsync(new RedisServer([], settings));

    /// <summary>Starts one that has a configuration file, as a Sentinel must.</summary>
    /// <inheritdoc cref="StartAsync(string[])" path="/param"/>
    public static Task<RedisServer> StartOfFileAsync(string file, params string[] settings) => StartAsync(new RedisServer([file], settings));

    private static async Task<RedisServer> StartAsync(RedisServer server)
    {
        try
        {
            await server.StartAgainAsync();
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    /// <summary>Starts it over what it left behind.</summary>
    public async Task StartAgainAsync()
    {
        var start = new ProcessStartInfo("sh") { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        string[] own = ["--port", Port.ToString(CultureInfo.InvariantCulture), "--bind", "127.0.0.1", "--dir", _directory.Path, "--save", ""];
        foreach (var argument in (string[])["-c", Watch, "redis", .. _file, .. own, .. _settings])
            start.ArgumentList.Add(argument);

        _watch?.Dispose();
        _watch = Process.Start(start)!;
        _watch.ErrorDataReceived += static (_, _) => { };
        _watch.BeginErrorReadLine();
        Pid = int.Parse((await _watch.StandardOutput.ReadLineAsync())!, CultureInfo.InvariantCulture);
        await Wait.UntilAsync(IsUpAsync, "redis-server to answer", Soon);
    }

    /// <summary>Ends it without warning (SIGKILL), and returns once it is gone.</summary>
    public async Task KillAsync()
    {
        Gateway.GatewayProgram.Send(Pid, Gateway.GatewayProgram.Kill);
        _watch!.StandardInput.Close();
        await _watch.WaitForExitAsync();
    }

    /// <summary>Runs a command without spaces in its words.</summary>
    /// <returns>A line, or the text where that is the answer; empty where there is none.</returns>
    /// <exception cref="InvalidOperationException">The server refused; the message is its own.</exception>
    public Task<string> RunAsync(string command) => RunAsync(Port, command);

    /// <summary>Runs a command without spaces in its words on a server on this machine that is anybody's.</summary>
    /// <inheritdoc cref="RunAsync(string)" path="/returns|/exception"/>
    public static async Task<string> RunAsync(int port, string command)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, port);
        await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes($"{command}\r\n"));
        using var reader = new StreamReader(client.GetStream(), Encoding.ASCII);
        var line = await reader.ReadLineAsync() ?? throw new IOException("The server ended the connection.");
        if (line[0] == '-')
            throw new InvalidOperationException($"{command}: {line[1..]}");
        if (line[0] != '$')
            return line[1..];

        if (line == "$-1")
            return "";

        var text = new char[int.Parse(line.AsSpan(1), CultureInfo.InvariantCulture)];
        await reader.ReadBlockAsync(text);
        return new string(text);
    }

    /// <summary>Stops it where it stands (SIGSTOP) until <see cref="Resume"/>.</summary>
    public void Pause() => Gateway.GatewayProgram.Send(Pid, Gateway.GatewayProgram.Stop);

    /// <summary>Lets it go on.</summary>
    public void Resume() => Gateway.GatewayProgram.Send(Pid, Gateway.GatewayProgram.Continue);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_watch is not null)
        {
            _watch.StandardInput.Close();
            await _watch.WaitForExitAsync();
            _watch.Dispose();
        }

        _directory.Dispose();
    }

    private async Task<bool> IsUpAsync()
    {
        try
        {
            return await RunAsync("PING") == "PONG";
        }
        catch (Exception e) when (e is SocketException or IOException or InvalidOperationException)
        {
            return false;
        }
    }
}
