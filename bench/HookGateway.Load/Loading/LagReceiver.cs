using System.Diagnostics;
using System.Globalization;
using System.Net;
using HookGateway.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;

namespace HookGateway.Load.Loading;

/// <summary>A downstream in this process that stamps when each event of a run arrived first, by the clock of its sender.</summary>
internal sealed class LagReceiver : IDownstream
{
    private readonly WebApplication _server;
    private Receipts _receipts = new("", 0);
    private long _count;

    private LagReceiver(int port)
    {
        Url = new Uri($"http://127.0.0.1:{port}/");
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, port));
        _server = builder.Build();
        _server.Run(AnswerAsync);
    }

    /// <inheritdoc/>
    public Uri Url { get; }

    /// <summary>Starts one on a free port.</summary>
    public static async Task<LagReceiver> StartAsync()
    {
        var receiver = new LagReceiver(FreePorts.Take(1)[0]);
        await receiver._server.StartAsync();
        return receiver;
    }

    /// <summary>Stamps, from now on, the events whose ids are <see cref="Receipts.Id"/> of this run.</summary>
    public Receipts Expect(string run, int events)
    {
        var receipts = new Receipts(run, events);
        Volatile.Write(ref _receipts, receipts);
        return receipts;
    }

    /// <inheritdoc/>
    public Task<long> CountAsync(CancellationToken cancellationToken) => Task.FromResult(Interlocked.Read(ref _count));

    private async Task AnswerAsync(HttpContext context)
    {
        var at = Stopwatch.GetTimestamp();
        await context.Request.BodyReader.CopyToAsync(Stream.Null, context.RequestAborted);
        Volatile.Read(ref _receipts).Stamp(context.Request.Headers["X-HookGateway-Source-Id"].ToString(), at);
        Interlocked.Increment(ref _count);
        context.Response.StatusCode = StatusCodes.Status204NoContent;
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _server.DisposeAsync();
}

/// <summary>When the events of one run arrived.</summary>
/// <param name="run">Tells its ids from those of other runs; without a dash.</param>
/// <param name="events">How many there are at most.</param>
internal sealed class Receipts(string run, int events)
{
    private readonly long[] _at = new long[events];

    /// <summary>How many characters each id has.</summary>
    public int IdLength => Id(0).Length;

    /// <summary>The id of an event by its number, from 0; all are ASCII and of the same length.</summary>
    public string Id(int number) => string.Create(CultureInfo.InvariantCulture, $"{run}-{number:D10}");

    /// <summary>Keeps the time, unless the event has arrived before or is none of this run.</summary>
    public void Stamp(string id, long at)
    {
        var dash = id.IndexOf('-', StringComparison.Ordinal);
        if (dash > 0 && id.AsSpan(0, dash).SequenceEqual(run) && int.TryParse(id.AsSpan(dash + 1), CultureInfo.InvariantCulture, out var number)
            && (uint)number < (uint)_at.Length)
            Interlocked.CompareExchange(ref _at[number], at, 0);
    }

    /// <summary>The timestamp; <see langword="null"/> where it has not arrived, or under another id.</summary>
    public long? Of(int number) => _at[number] is var at and not 0 ? at : null;
}
