using System.Diagnostics;
using System.Globalization;
using System.Net;
using HookGateway.Coalesce;
using HookGateway.Configuration;
using HookGateway.Deliver;
using HookGateway.Events;
using HookGateway.Pipeline;
using HookGateway.Store;
using HookGateway.Verify;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace HookGateway.StorageTests.Conformance;

/// <summary>
/// The gateway's own way from a request to a due delivery over a real store, without sockets and with a clock of the test's: the test
/// is the sender, the timer and the downstream.
/// </summary>
internal sealed class CoalescedGateway : IAsyncDisposable
{
    /// <summary>No two webhooks of a session are as far apart, unless one is late.</summary>
    public static readonly TimeSpan Quiet = TimeSpan.FromSeconds(6);

    /// <summary>No record is found that was changed later than so long ago.</summary>
    public static readonly TimeSpan Grace = TimeSpan.FromSeconds(1);

    private readonly ServiceProvider _services;
    private readonly FakeTimeProvider _time;

    private CoalescedGateway(ServiceProvider services, FakeTimeProvider time) => (_services, _time) = (services, time);

    public IEventStore Store => _services.GetRequiredService<IEventStore>();

    /// <param name="store">Not opened yet; the gateway's from now on.</param>
    /// <param name="time">Its clock.</param>
    /// <param name="coalesces">Whether it holds events, besides taking records that were found.</param>
    /// <param name="compares">Whether a record that was found can have more than the change of its time.</param>
    public static async Task<CoalescedGateway> OpenAsync(IEventStore store, FakeTimeProvider time, bool coalesces = true, bool compares = false)
    {
        var services = new ServiceCollection().AddLogging().AddRouting().AddSingleton<TimeProvider>(time).AddHookGateway(Configuration(coalesces, compares))
            .AddSingleton(store).BuildServiceProvider();
        var gateway = new CoalescedGateway(services, time);
        await gateway.Store.OpenAsync(CancellationToken.None);

        // The lanes leave everything to the test.
        await services.GetRequiredService<Lanes>().SetPausedAsync("tickets", paused: true, CancellationToken.None);
        return gateway;
    }

    /// <summary>Takes a webhook in.</summary>
    /// <returns>Whether it was acknowledged.</returns>
    public async Task<bool> TakeAsync(byte[] body)
    {
        var pipeline = _services.GetRequiredService<EventPipeline>();
        var request = new ReceivedRequest
        {
            Method = "POST",
            Headers = new HeaderDictionary { ["Content-Type"] = "application/json" },
            Query = QueryCollection.Empty,
            Body = body,
            RemoteAddress = IPAddress.Loopback,
            ReceivedAt = _time.GetUtcNow(),
        };
        var trace = new TraceContext(ActivityTraceId.CreateRandom(), ActivitySpanId.CreateRandom(), sampled: false);
        var passage = await pipeline.PassAsync(pipeline.FindSource("/hooks/sysaid")!, request, trace);
        Assert.True(passage.Result is IngestResult.Accepted or IngestResult.Duplicate or IngestResult.Unavailable, passage.Result.ToString());
        return passage.Result is not IngestResult.Unavailable;
    }

    /// <summary>Takes an event that was made of a record.</summary>
    /// <returns>Its id; <see langword="null"/>: it was not acknowledged, or the record has changed again.</returns>
    public async Task<EventId?> TakeFoundAsync(int record, DateTimeOffset time, byte[] body)
    {
        var made = new WebhookEvent
        {
            Source = "sysaid",
            Origin = EventOrigin.Reconcile,
            Name = "sr.updated",
            Key = record.ToString(CultureInfo.InvariantCulture),
            ReceivedAt = _time.GetUtcNow(),
            Body = body,
            Trace = new TraceContext(ActivityTraceId.CreateRandom(), ActivitySpanId.CreateRandom(), sampled: false),
        };
        var dedupeKey = DedupeKey.OfRecord(made.Source, made.Key, time);
        var result = await _services.GetRequiredService<EventPipeline>().TakeAsync(made, dedupeKey, time);
        Assert.True(result is null or IngestResult.Accepted or IngestResult.Duplicate or IngestResult.Unavailable, result?.ToString());
        return (result as IngestResult.Accepted)?.Id ?? (result as IngestResult.Duplicate)?.First;
    }

    /// <summary>Releases what is due, as the loop does.</summary>
    /// <returns>When the next is due.</returns>
    public async Task<DateTimeOffset?> ReleaseDueAsync()
    {
        var now = _time.GetUtcNow();
        var coalescer = _services.GetRequiredService<Coalescer>();
        var held = await Store.ListHeldAsync(now, 100, [], CancellationToken.None);
        await Task.WhenAll(held.Due.Select(key => coalescer.ReleaseAsync(key, now, CancellationToken.None)));
        return held.NextDue;
    }

    /// <summary>What is due to be sent now.</summary>
    public async Task<IReadOnlyList<Delivery>> LeaseAsync() =>
        (await Store.LeaseAsync([new LeaseRequest("tickets", 1000, long.MaxValue)], CancellationToken.None))[0].Deliveries;

    public async ValueTask DisposeAsync()
    {
        await Store.DisposeAsync();
        await _services.DisposeAsync();
    }

    private static GatewayConfiguration Configuration(bool coalesces, bool compares) => Assert.IsType<ConfigurationResult.Valid>(ConfigurationLoader.Parse(
        "gateway.yaml",
        $$"""
        sources:
          sysaid:
            verify: none
            event: eventName
            id: id
            key: srId
            {{(coalesces ? $"coalesce: {{ events: [sr.updated], complete: sr_version, quiet: {Quiet.TotalSeconds}s }}" : "")}}
            api: { url: "https://127.0.0.1", account: acme, clientId: c, clientSecret: s }
            reconcile: { grace: {{Grace.TotalSeconds}}s, tolerance: 1ms{{(compares ? ", compare: { title: title }" : "")}} }
        destinations: { tickets: { url: "http://127.0.0.1:9" } }
        routes: [{ source: sysaid, to: tickets }]
        """,
        _ => null)).Configuration;
}
