using System.Threading.Channels;
using HookGateway.Configuration;
using HookGateway.Deliver;
using HookGateway.Observe;
using HookGateway.Route;
using HookGateway.Store;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace HookGateway.Pipeline;

/// <summary>
/// Runs the bulk replays, those that an earlier process left as well: reads what each comes to next, decides where it goes,
/// and has the store make the deliveries, page by page and each in turn. It stays only so far ahead of what is delivered that
/// neither the disk nor the destination's lane fills with a replay: a destination that is paused or down stops it, and loses
/// nothing. Of several gateways on one store one does it for all; when that dies another goes on within seconds.
/// </summary>
internal sealed partial class BulkReplays(
    GatewayConfiguration configuration, RouteTable routes, IEventStore store, Lanes lanes, TimeProvider time,
    ILogger<BulkReplays> logger) : BackgroundService
{
    /// <summary>How many of its deliveries may be owed before a replay makes more.</summary>
    internal const int MostPending = 1000;

    /// <summary>How many may run at the same time.</summary>
    internal const int MostRunning = 100;

    private const int PageEvents = 100;
    private const string LeadName = "bulk-replays";
    private static readonly TimeSpan UntilLookedAtAgain = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan AfterFailure = TimeSpan.FromSeconds(1);

    /// <summary>How often it looks for what another gateway began, and for who leads.</summary>
    internal static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(5);

    // Two that think so do no harm: a step is made once.
    private static readonly TimeSpan Lead = 3 * LookEvery;

    private readonly Channel<bool> _begun = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private readonly List<long> _running = [];
    private readonly string _holder = Guid.NewGuid().ToString();
    private long _lookedAt;

    /// <summary>Begins one.</summary>
    /// <returns><see langword="null"/> where as many run as may; nothing was begun.</returns>
    /// <exception cref="StoreException">The store cannot be written now.</exception>
    public async Task<BulkReplay?> BeginAsync(BulkReplayRequest request, CancellationToken cancellationToken)
    {
        var known = await store.ListBulkReplaysAsync(cancellationToken).ConfigureAwait(false);
        if (known.Count(replay => replay.State == BulkReplayState.Running) >= MostRunning)
            return null;

        try
        {
            var replay = await store.BeginBulkReplayAsync(request, cancellationToken).ConfigureAwait(false);
            Begun(logger, replay.Id, replay.Total);
            return replay;
        }
        finally
        {
            // Also where nobody knows whether it was written.
            _begun.Writer.TryWrite(true);
        }
    }

    /// <summary>Counts what a filter matches now, and changes nothing.</summary>
    /// <exception cref="StoreException">The store cannot be read now.</exception>
    public async Task<long> CountAsync(EventFilter filter, CancellationToken cancellationToken)
    {
        var count = 0L;
        string? cursor = null;
        do
        {
            var page = await store.ListAsync(filter, cursor, 1000, cancellationToken).ConfigureAwait(false);
            count += page.Events.Count;
            cursor = page.Next;
        }
        while (cursor is not null);

        return count;
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var look = true;
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                if (look)
                    await LookAsync(stoppingToken).ConfigureAwait(false);

                look = _running.Count == 0
                    ? await WaitAsync(stoppingToken).ConfigureAwait(false)
                    : _begun.Reader.TryRead(out _) || time.GetElapsedTime(_lookedAt) >= LookEvery;
                if (!look && !await StepAllAsync(stoppingToken).ConfigureAwait(false))
                    await Task.Delay(UntilLookedAtAgain, time, stoppingToken).ConfigureAwait(false);
            }
            catch (Exception error) when (!stoppingToken.IsCancellationRequested)
            {
                // Whatever it is: a loop that fails would stop the whole gateway.
                Failed(logger, error.Message);
                look = true;
                await Task.Delay(AfterFailure, time, stoppingToken).ConfigureAwait(false);
            }
        }
    }

    /// <summary>Until one was begun here, or it is time to look.</summary>
    private async Task<bool> WaitAsync(CancellationToken cancellationToken)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        await Task.WhenAny(_begun.Reader.WaitToReadAsync(ending.Token).AsTask(), Task.Delay(LookEvery, time, ending.Token)).ConfigureAwait(false);
        await ending.CancelAsync().ConfigureAwait(false);
        _begun.Reader.TryRead(out _);
        return true;
    }

    private async Task LookAsync(CancellationToken cancellationToken)
    {
        _lookedAt = time.GetTimestamp();
        _running.Clear();
        if (!await store.TryLeadAsync(LeadName, _holder, Lead, cancellationToken).ConfigureAwait(false))
            return;

        var known = await store.ListBulkReplaysAsync(cancellationToken).ConfigureAwait(false);
        _running.AddRange(known.Where(replay => replay.State == BulkReplayState.Running).Select(replay => replay.Id).Reverse());
    }

    /// <returns>Whether any of them moved on, or ended.</returns>
    private async Task<bool> StepAllAsync(CancellationToken cancellationToken)
    {
        var moved = false;
        foreach (var id in _running.ToArray())
        {
            var replay = await store.FindBulkReplayAsync(id, cancellationToken).ConfigureAwait(false);
            if (replay is { State: BulkReplayState.Running, Pending: >= MostPending })
                continue;

            moved = true;
            if (replay is { State: BulkReplayState.Running })
                replay = await StepAsync(replay, cancellationToken).ConfigureAwait(false);

            if (replay is { State: BulkReplayState.Running })
                continue;

            _running.Remove(id);
            if (replay is not null)
                Ended(logger, id, replay.State, replay.Matched, replay.Made);
        }

        return moved;
    }

    private async Task<BulkReplay?> StepAsync(BulkReplay replay, CancellationToken cancellationToken)
    {
        if (replay.Request.Destinations?.FirstOrDefault(name => !configuration.Destinations.Any(d => d.Name == name)) is { } gone)
        {
            return await store.EndBulkReplayAsync(replay.Id, $"No destination is called '{gone}' any more.", cancellationToken)
                .ConfigureAwait(false);
        }

        var limit = (int)Math.Min(PageEvents, MostPending - replay.Pending);
        if (await store.ReadBulkReplayAsync(replay.Id, limit, cancellationToken).ConfigureAwait(false) is not { } page)
            return await store.FindBulkReplayAsync(replay.Id, cancellationToken).ConfigureAwait(false);

        var events = new List<BulkReplayEvent>(page.Events.Count);
        foreach (var found in page.Events)
        {
            var destinations = replay.Request.Destinations ?? await RouteAsync(found, cancellationToken).ConfigureAwait(false);
            using var span = GatewayActivity.StartReplay(found.Id, found.Source, found.Name, found.Trace);
            events.Add(new BulkReplayEvent(found.Id, destinations, GatewayActivity.ContextOf(span)));
        }

        var step = new BulkReplayStep(replay.Id, page.From, page.Next, events);
        try
        {
            return await store.StepBulkReplayAsync(step, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            // Also where nobody knows whether it was written: what was made is due.
            foreach (var name in events.SelectMany(e => e.Destinations).Distinct(StringComparer.Ordinal))
                lanes.MarkBulk(name);
        }
    }

    private async Task<IReadOnlyList<string>> RouteAsync(EventSummary found, CancellationToken cancellationToken)
    {
        var match = routes.Match(found.Source, found.Name);
        if (match.Conditions is null)
            return match.Destinations;

        // Only what a route looks into is read, one body at a time.
        var stored = await store.FindAsync(found.Id, cancellationToken).ConfigureAwait(false);
        return stored is null or { DroppedBodySize: not null } ? [] : match.Decide(stored.Event.Body.Span, document: null).Destinations;
    }

    [LoggerMessage(1, LogLevel.Information, "Bulk replay {Id} begins: {Total} events to look at")]
    private static partial void Begun(ILogger logger, long id, long total);

    [LoggerMessage(2, LogLevel.Information, "Bulk replay {Id} is {State}: {Matched} events matched, {Made} deliveries made")]
    private static partial void Ended(ILogger logger, long id, BulkReplayState state, long matched, long made);

    [LoggerMessage(3, LogLevel.Warning, "Bulk replays cannot go on now and are tried again: {Reason}")]
    private static partial void Failed(ILogger logger, string reason);
}
