using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;
using HookGateway.Configuration;
using HookGateway.Events;
using HookGateway.Pipeline;
using HookGateway.Storage.Sqlite;
using HookGateway.Store;
using HookGateway.SysAid.Reconcile;
using HookGateway.Testing;
using HookGateway.UnitTests.Configuration;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace HookGateway.UnitTests.SysAid.Reconcile;

/// <summary>A source that is reconciled: a real store, and a fake Connect API over real sockets.</summary>
internal sealed class Reconciled : IAsyncDisposable
{
    public const string Source = "sysaid";

    private readonly TemporaryDirectory _files = new();
    private readonly OpenedApi _opened;

    private Reconciled(OpenedApi opened) => _opened = opened;

    /// <summary>The gateway's clock; SysAid's limit of requests goes by another.</summary>
    public FakeTimeProvider Time { get; } = new(new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero));

    public DateTimeOffset Now => Time.GetUtcNow();

    public OpenedApi Api => _opened;

    public HookGateway.Testing.SysAid.FakeServiceRecords Records => _opened.Fake.Records;

    public IEventStore Store { get; private set; } = null!;

    /// <summary>When the records were last changed of which events were taken.</summary>
    public System.Collections.Concurrent.ConcurrentQueue<DateTimeOffset> Times { get; } = [];

    /// <summary>What the store says instead of accepting, as long as it is set.</summary>
    public IngestResult? Refusal { get; set; }

    /// <summary>Whether a later change of a record has gone out when an event was made of it.</summary>
    public Func<string, bool> HasChangedAgain { get; set; } = _ => false;

    /// <summary>Called before each event is taken.</summary>
    public Action Taking { get; set; } = () => { };

    public static async Task<Reconciled> StartAsync()
    {
        var started = new Reconciled(await OpenedApi.StartAsync());
        await started.OpenStoreAsync();
        return started;
    }

    public async Task ReopenAsync()
    {
        await Store.DisposeAsync();
        await OpenStoreAsync();
    }

    /// <summary>One as a gateway has it. Default: grace a minute, overlap two, interval one.</summary>
    public SourceReconciler Reconciler(string settings = "from: 2026-01-01, grace: 1m, overlap: 2m, interval: 1m")
    {
        var source = Given.Configuration($$"""
            sources:
              {{Source}}:
                preset: sysaid
                secrets: [s]
                api: { url: "{{_opened.Fake.Url}}", account: acme, clientId: c, clientSecret: s }
                reconcile: { {{settings}} }
            destinations: { d: { url: "http://127.0.0.1:9000/" } }
            routes: [{ source: {{Source}}, to: d }]
            """).Sources[0];
        return new SourceReconciler(source, _opened.Api, Store, TakeMadeAsync, Time);
    }

    public Task<ReconcileResult> RunAsync(SourceReconciler? reconciler = null) =>
        (reconciler ?? Reconciler()).RunAsync(TestContext.Current.CancellationToken);

    /// <summary>A webhook of a record comes.</summary>
    public Task WebhookAsync(long record, params DateTimeOffset[] timestamps) => WebhookAsync(
        record, JsonSerializer.SerializeToUtf8Bytes(new
        {
            eventName = "sr.updated",
            srId = record,
            updates = timestamps.Select(time => new { fieldName = "any", timestamp = time.ToUnixTimeMilliseconds() }),
        }));

    public async Task WebhookAsync(long record, byte[] body) => await TakeAsync(
        new WebhookEvent
        {
            Source = Source,
            Name = "sr.updated",
            Key = record.ToString(CultureInfo.InvariantCulture),
            ReceivedAt = Now,
            Body = body,
            Trace = new TraceContext(ActivityTraceId.CreateRandom(), ActivitySpanId.CreateRandom(), sampled: false),
        },
        DedupeKey.OfContent(Source, body));

    /// <summary>The events that were made, in order.</summary>
    public async Task<IReadOnlyList<WebhookEvent>> MadeAsync() => [.. (await AllAsync()).Where(e => e.Origin == EventOrigin.Reconcile)];

    /// <summary>The records of which one was made, in order of their numbers.</summary>
    public async Task<long[]> MadeOfAsync() =>
        [.. (await MadeAsync()).Select(made => long.Parse(made.Key!, CultureInfo.InvariantCulture)).Order()];

    public async Task<IReadOnlyList<WebhookEvent>> AllAsync()
    {
        var all = new List<WebhookEvent>();
        string? cursor = null;
        do
        {
            var page = await Store.ReadKeyedAsync(
                Source, DateTimeOffset.UnixEpoch, DateTimeOffset.MaxValue, cursor, TestContext.Current.CancellationToken);
            all.AddRange(page.Events);
            cursor = page.Next;
        }
        while (cursor is not null);
        return all;
    }

    public static string Text(WebhookEvent webhookEvent) => Encoding.UTF8.GetString(webhookEvent.Body.Span);

    public async ValueTask DisposeAsync()
    {
        await Store.DisposeAsync();
        await _opened.DisposeAsync();
        _files.Dispose();
    }

    private async Task OpenStoreAsync()
    {
        Store = new SqliteEventStore(
            new SqliteStoreOptions { Path = _files.File("events.db") }, Time, NullLogger<SqliteEventStore>.Instance);
        await Store.OpenAsync(TestContext.Current.CancellationToken);
    }

    private async ValueTask<IngestResult?> TakeMadeAsync(WebhookEvent made, DedupeKey key, DateTimeOffset time)
    {
        Times.Enqueue(time);
        return HasChangedAgain(made.Key!) ? null : await TakeAsync(made, key);
    }

    private async ValueTask<IngestResult> TakeAsync(WebhookEvent made, DedupeKey key)
    {
        Taking();
        if (Refusal is { } refusal)
            return refusal;

        var result = await Store.AcceptAsync(new AcceptRequest
        {
            Event = made,
            DedupeKey = key,
            DedupeWindow = new DedupeConfiguration().Window,
            Disposition = Disposition.Unrouted,
            Deliveries = [],
        });
        return result switch
        {
            AcceptResult.Accepted accepted => new IngestResult.Accepted(accepted.Event.Id, 202),
            AcceptResult.Duplicate duplicate => new IngestResult.Duplicate(duplicate.First),
            _ => throw new InvalidOperationException($"{result}"),
        };
    }
}
