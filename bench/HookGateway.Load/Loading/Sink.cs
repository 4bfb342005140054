using System.Globalization;
using System.Text.RegularExpressions;
using HookGateway.Load.Machine;
using HookGateway.Testing;

namespace HookGateway.Load.Loading;

/// <summary>The cheapest downstream: nginx, which answers every request at once and counts them.</summary>
internal sealed partial class Sink : IDownstream
{
    private readonly HttpClient _client = new() { Timeout = TimeSpan.FromSeconds(30) };
    private readonly Uri _status;
    private ServerProcess? _server;
    private long _looks;

    private Sink(int port, int statusPort)
    {
        Url = new Uri($"http://127.0.0.1:{port}/");
        _status = new Uri($"http://127.0.0.1:{statusPort}/");
    }

    /// <inheritdoc/>
    public Uri Url { get; }

    /// <summary>Starts one.</summary>
    /// <param name="cpus">Where it runs.</param>
    /// <param name="directory">For its files; it exists.</param>
    /// <param name="answer">The status that it answers.</param>
    public static async Task<Sink> StartAsync(CpuSet cpus, string directory, int answer)
    {
        var ports = FreePorts.Take(2);
        var configuration = Path.Combine(directory, $"nginx-{ports[0]}.conf");
        await File.WriteAllTextAsync(configuration, Configuration(ports[0], ports[1], directory, answer));
        var sink = new Sink(ports[0], ports[1]);
        var nginx = Tools.Find("nginx", Environment.GetEnvironmentVariable("PATH"))!;
        sink._server = await ServerProcess.StartAsync(
            cpus, ports[0], nginx, "-p", directory, "-e", Path.Combine(directory, "nginx.log"), "-c", configuration);
        return sink;
    }

    /// <inheritdoc/>
    public async Task<long> CountAsync(CancellationToken cancellationToken)
    {
        // Each look is a request too.
        var looks = Interlocked.Increment(ref _looks);
        return Requests(await _client.GetStringAsync(_status, cancellationToken)) - looks;
    }

    /// <summary>The number of requests in what <c>stub_status</c> answers.</summary>
    /// <exception cref="InvalidDataException">It is something else.</exception>
    internal static long Requests(string status) =>
        Counters().Match(status) is { Success: true } match
            ? long.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture)
            : throw new InvalidDataException($"No answer of nginx's stub_status: {status}");

    /// <summary>What nginx is told.</summary>
    internal static string Configuration(int port, int statusPort, string directory, int answer) => $$"""
        daemon off;
        master_process off;
        pid {{directory}}/nginx-{{port}}.pid;
        error_log {{directory}}/nginx.log warn;
        events { worker_connections 8192; multi_accept on; }
        http {
          access_log off;
          client_body_temp_path {{directory}}/nginx-body;
          proxy_temp_path {{directory}}/nginx-proxy;
          fastcgi_temp_path {{directory}}/nginx-fastcgi;
          uwsgi_temp_path {{directory}}/nginx-uwsgi;
          scgi_temp_path {{directory}}/nginx-scgi;
          client_body_buffer_size 64k;
          client_max_body_size 64m;
          keepalive_requests 1000000000;
          keepalive_timeout 1h;
          server {
            listen 127.0.0.1:{{port}} backlog=4096;
            location / { return {{answer}}; }
          }
          server {
            listen 127.0.0.1:{{statusPort}};
            location / { stub_status; }
          }
        }

        """;

    [GeneratedRegex(@"requests\s+\d+ \d+ (\d+)")]
    private static partial Regex Counters();

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        if (_server is not null)
            await _server.DisposeAsync();
    }
}
