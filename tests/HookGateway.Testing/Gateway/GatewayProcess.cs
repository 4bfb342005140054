using System.Diagnostics;
using System.Net;
using System.Text;
using HookGateway.Testing.Senders;

namespace HookGateway.Testing.Gateway;

/// <summary>
/// The real program in a process of its own: <c>hookgateway run</c> with a configuration in a temporary directory, which is
/// its working directory too. It can be killed and started again over what it left behind.
/// </summary>
public sealed class GatewayProcess : IAsyncDisposable
{
    private const string ConfigurationName = "hookgateway.yaml";

    private readonly TemporaryDirectory _directory = new();
    private readonly StringBuilder _output = new();
    private readonly HttpClient _client = SysAidSender.CreateClient();
    private Process? _process;

    private GatewayProcess(GatewayPorts ports) => Ports = ports;

    /// <summary>The ports that the configuration was made with.</summary>
    public GatewayPorts Ports { get; }

    /// <summary>The temporary directory: configuration, store, whatever the test puts there.</summary>
    public string Directory => _directory.Path;

    /// <summary>The base URL for senders, HTTPS.</summary>
    public Uri HttpsUrl => new($"https://127.0.0.1:{Ports.Https}");

    /// <summary>The base URL for senders, without TLS.</summary>
    public Uri HttpUrl => new($"http://127.0.0.1:{Ports.Http}");

    /// <summary>The base URL for operators.</summary>
    public Uri AdminUrl => new($"http://127.0.0.1:{Ports.Admin}");

    /// <summary>A client that accepts the gateway's certificate.</summary>
    public HttpClient Client => _client;

    /// <summary>Everything it has written, to either stream, over all its starts.</summary>
    public string Output
    {
        get
        {
            lock (_output)
                return _output.ToString();
        }
    }

    /// <summary>The gateway's own process id, whatever wraps it.</summary>
    public int Pid => GatewayProgram.FindPid(Process.Id);

    /// <summary>Whether it has ended.</summary>
    public bool HasExited => Process.HasExited;

    private Process Process => _process ?? throw new InvalidOperationException("The gateway was not started.");

    /// <summary>Writes the configuration and starts the program.</summary>
    /// <param name="yaml">Makes the configuration for ports that are free; <see cref="GatewayPorts.Listen"/> is its first part.</param>
    /// <param name="start">How. Default: as it is, waiting until it is ready.</param>
    /// <exception cref="InvalidOperationException">It ended before it was ready; the message has its output.</exception>
    /// <exception cref="TimeoutException">It was not ready in time; the message has its output.</exception>
    public static async Task<GatewayProcess> StartAsync(Func<GatewayPorts, string> yaml, GatewayStart? start = null)
    {
        var gateway = new GatewayProcess(GatewayPorts.Free());
        try
        {
            gateway.Configure(yaml(gateway.Ports));
            await gateway.StartAgainAsync(start);
            return gateway;
        }
        catch
        {
            await gateway.DisposeAsync();
            throw;
        }
    }

    /// <summary>Writes a new configuration file in the place of the old one.</summary>
    public void Configure(string yaml) => _directory.Write(ConfigurationName, yaml);

    /// <summary>Writes a file beside the configuration: a template, a certificate, a secret.</summary>
    /// <returns>Its absolute path.</returns>
    public string Write(string name, string content) => _directory.Write(name, content);

    /// <summary>Starts it again after it has ended, over the same directory and ports.</summary>
    /// <inheritdoc cref="StartAsync" path="/exception"/>
    public async Task StartAgainAsync(GatewayStart? start = null)
    {
        start ??= new GatewayStart();
        var command = GatewayProgram.Command(start.Wrapper, "run", "--config", ConfigurationName);
        command.WorkingDirectory = Directory;
        foreach (var (name, value) in start.Environment)
            command.Environment[name] = value;
        _process?.Dispose();
        _process = new Process { StartInfo = command };
        _process.OutputDataReceived += (_, line) => Append(line.Data);
        _process.ErrorDataReceived += (_, line) => Append(line.Data);
        _process.Start();
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
        if (start.WaitUntilReady)
            await WaitUntilReadyAsync(start.Limit);
    }

    /// <summary>Waits until it says that it is ready.</summary>
    /// <inheritdoc cref="StartAsync" path="/exception"/>
    public async Task WaitUntilReadyAsync(TimeSpan limit)
    {
        try
        {
            await Wait.UntilAsync(IsReadyOrGoneAsync, "the gateway to be ready", limit);
        }
        catch (TimeoutException e)
        {
            throw new TimeoutException($"{e.Message}; it wrote:\n{Output}", e);
        }

        if (HasExited)
            throw new InvalidOperationException($"The gateway ended with {await WaitForExitAsync()}; it wrote:\n{Output}");
    }

    /// <summary>Ends it without warning (SIGKILL), and returns once it is gone.</summary>
    public async Task KillAsync()
    {
        GatewayProgram.Send(Pid, GatewayProgram.Kill);
        await WaitForExitAsync();
    }

    /// <summary>Asks it to end (SIGTERM).</summary>
    /// <returns>Its exit code.</returns>
    /// <exception cref="TimeoutException">It did not end; the message has its output.</exception>
    public Task<int> TerminateAsync(TimeSpan? limit = null)
    {
        GatewayProgram.Send(Pid, GatewayProgram.Terminate);
        return WaitForExitAsync(limit);
    }

    /// <summary>Stops it where it stands (SIGSTOP) until <see cref="Resume"/>.</summary>
    public void Pause() => GatewayProgram.Send(Pid, GatewayProgram.Stop);

    /// <summary>Lets it go on.</summary>
    public void Resume() => GatewayProgram.Send(Pid, GatewayProgram.Continue);

    /// <summary>Waits until it has ended and all its output is here.</summary>
    /// <returns>Its exit code.</returns>
    /// <exception cref="TimeoutException">It did not end; the message has its output.</exception>
    public async Task<int> WaitForExitAsync(TimeSpan? limit = null)
    {
        try
        {
            await Process.WaitForExitAsync().WaitAsync(limit ?? TimeSpan.FromSeconds(30), TimeProvider.System);
            return Process.ExitCode;
        }
        catch (TimeoutException e)
        {
            throw new TimeoutException($"The gateway did not end; it wrote:\n{Output}", e);
        }
    }

    private async Task<bool> IsReadyOrGoneAsync()
    {
        if (HasExited)
            return true;
        try
        {
            using var answer = await _client.GetAsync(new Uri(AdminUrl, "/health/ready"));
            return answer.StatusCode == HttpStatusCode.OK;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    private void Append(string? line)
    {
        lock (_output)
        {
            if (line is not null)
                _output.AppendLine(line);
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_process is { HasExited: false } process)
        {
            GatewayProgram.Send(Pid, GatewayProgram.Kill);
            process.Kill(entireProcessTree: true);
            await WaitForExitAsync();
        }

        _process?.Dispose();
        _client.Dispose();
        _directory.Dispose();
    }
}
