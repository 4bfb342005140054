using System.Collections.Concurrent;
using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace HookGateway.Testing.Downstream;

/// <summary>
/// A real downstream on a loopback port: it writes down every request and answers as it is told; 200 where it is told nothing.
/// </summary>
public sealed class Receiver : IAsyncDisposable
{
    private readonly ConcurrentDictionary<string, int> _attempts = new();
    private readonly Lock _gate = new();
    private readonly List<Arrival> _arrivals = [];
    private readonly CancellationTokenSource _disposed = new();
    private Func<Arrival, Answer> _script = _ => Answer.Ok;
    private WebApplication? _server;

    private Receiver(int port)
    {
        Url = new Uri($"http://127.0.0.1:{port}/hooks");
    }

    /// <summary>Where it listens; it takes every path.</summary>
    public Uri Url { get; }

    /// <summary>All requests so far, in the order in which they had arrived whole.</summary>
    public IReadOnlyList<Arrival> Arrivals
    {
        get
        {
            lock (_gate)
                return [.. _arrivals];
        }
    }

    /// <summary>Starts one.</summary>
    /// <param name="port">Default: a free one.</param>
    public static async Task<Receiver> StartAsync(int? port = null)
    {
        var receiver = new Receiver(port ?? FreePorts.Take(1)[0]);
        await receiver.ReturnAsync();
        return receiver;
    }

    /// <summary>Answers as the function says, from now on.</summary>
    public void AnswerWith(Func<Arrival, Answer> script) => Volatile.Write(ref _script, script);

    /// <summary>Answers every event's attempts one after the other like this; the last one repeats.</summary>
    public void AnswerEachEvent(params Answer[] answers) => AnswerWith(arrival => At(answers, arrival.Attempt));

    /// <summary>Answers requests one after the other like this, whatever event they carry; the last one repeats.</summary>
    public void AnswerInOrder(params Answer[] answers)
    {
        var before = Arrivals.Count;
        AnswerWith(arrival => At(answers, arrival.Number - before));
    }

    /// <summary>Waits until the requests are as wanted.</summary>
    /// <exception cref="TimeoutException">They were not; the message tells what arrived.</exception>
    public async Task<IReadOnlyList<Arrival>> WaitForAsync(Func<IReadOnlyList<Arrival>, bool> condition, TimeSpan? limit = null)
    {
        try
        {
            await Wait.UntilAsync(() => condition(Arrivals), "requests at the receiver", limit);
        }
        catch (TimeoutException e)
        {
            var arrived = Arrivals.Select(arrival => $"{arrival.Method} {arrival.Path} {arrival.WebhookId} attempt {arrival.Attempt}");
            throw new TimeoutException($"{e.Message}; arrived:\n{string.Join('\n', arrived)}", e);
        }

        return Arrivals;
    }

    /// <summary>Waits until at least so many requests have arrived.</summary>
    public Task<IReadOnlyList<Arrival>> WaitForAsync(int count, TimeSpan? limit = null) =>
        WaitForAsync(arrivals => arrivals.Count >= count, limit);

    /// <summary>Goes away: connections to its port are refused until <see cref="ReturnAsync"/>.</summary>
    public async Task GoAsync()
    {
        if (Interlocked.Exchange(ref _server, null) is not { } server)
            return;
        await server.StopAsync();
        await server.DisposeAsync();
    }

    /// <summary>Comes back on the same port.</summary>
    public Task ReturnAsync()
    {
        _server = Build(Url.Port);
        return _server.StartAsync();
    }

    private static Answer At(Answer[] answers, int number) => answers[Math.Clamp(number, 1, answers.Length) - 1];

    private WebApplication Build(int port)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Services.Configure<HostOptions>(options => options.ShutdownTimeout = TimeSpan.FromMilliseconds(100));
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.Listen(IPAddress.Loopback, port);
            kestrel.Limits.MaxRequestBodySize = null;
        });
        var server = builder.Build();
        server.Run(async context =>
        {
            try
            {
                await HandleAsync(context);
            }
            catch (OperationCanceledException)
            {
                // The receiver ends: what still waits gets no answer, which is not a 200 either.
                context.Abort();
            }
        });
        return server;
    }

    private async Task HandleAsync(HttpContext context)
    {
        var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body, context.RequestAborted);
        var answer = Volatile.Read(ref _script)(Record(context.Request, body.ToArray()));
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, _disposed.Token);
        await answer.GiveAsync(context, ended.Token);
    }

    private Arrival Record(HttpRequest request, byte[] body)
    {
        var headers = request.Headers.ToDictionary(
            header => header.Key, header => header.Value.ToString(), StringComparer.OrdinalIgnoreCase);
        var attempt = _attempts.AddOrUpdate(headers.GetValueOrDefault("webhook-id", ""), 1, (_, before) => before + 1);
        lock (_gate)
        {
            var arrival = new Arrival(
                _arrivals.Count + 1, attempt, request.Method, $"{request.Path}{request.QueryString}", headers, body,
                TimeProvider.System.GetUtcNow(), request.Protocol);
            _arrivals.Add(arrival);
            return arrival;
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _disposed.CancelAsync();
        await GoAsync();
        _disposed.Dispose();
    }
}
