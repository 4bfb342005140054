using System.Text.Json;
using HookGateway.Events;
using HookGateway.Store;
using HookGateway.Testing.Senders;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace HookGateway.StorageTests.Conformance;

/// <summary>
/// People edit records, webhooks come late, twice or never, and the gateway dies in the middle of it: each downstream has every field's
/// last value, and never had a newer one before.
/// </summary>
public abstract class CoalescePropertyTests(ITestOutputHelper output)
{
    private static readonly DateTimeOffset Start = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    private readonly FakeTimeProvider _time = new(Start);
    private readonly List<Delivery> _messages = [];
    private readonly List<byte[]> _acknowledged = [];
    private readonly Dictionary<EventId, (DateTimeOffset Time, byte[] Body)> _found = [];
    private IReadOnlyList<SysAidPost> _records = [];
    private bool _coalesces = true;
    private bool _compares;
    private Random _random = new(0);
    private CoalescedGateway _gateway = null!;
    private CoalescedGateway? _other;
    private int _crashes;

    public static TheoryData<int> Seeds { get; } = [.. Enumerable.Range(1, 10), Environment.ProcessId, 2 * Environment.ProcessId];

    /// <summary>A store, not opened yet, on what the last crash left.</summary>
    protected abstract IEventStore Create(TimeProvider time);

    /// <summary>The same for another gateway, which takes some of what comes at once and does not crash; none where only one can be.</summary>
    protected virtual IEventStore? CreateOther(TimeProvider time) => null;

    /// <summary>Has the gateway die somewhere in the middle of something, and lets it go.</summary>
    /// <param name="gateway">Which.</param>
    /// <param name="meanwhile">What it does. Nobody is told what came of it.</param>
    /// <param name="random">Decides where.</param>
    private protected abstract Task CrashAsync(CoalescedGateway gateway, Func<Task> meanwhile, Random random);

    [Theory]
    [MemberData(nameof(Seeds))]
    public async Task Gateway_WebhooksLateTwiceOrNeverAndCrashes_GivesEveryLastValueAndNoneAfterANewerOne(int seed)
    {
        var sessions = new SysAidSessions(seed, Start);
        await RunAsync(sessions.Disturb(sessions.Make(sessions: 15, records: 4), share: 0.15, late: 6 * CoalescedGateway.Quiet), seed, atOnce: true);

        AssertRight(_acknowledged);
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public Task Gateway_RecordsFoundInBetweenAndCrashes_GivesEveryLastValueAndNoneAfterANewerOne(int seed) => RunFindingCoalescedAsync(seed);

    [Theory]
    [MemberData(nameof(Seeds))]
    public async Task Gateway_RecordsFoundByTheirContent_GivesEveryLastValueAndNoneAfterANewerOne(int seed)
    {
        _compares = true;
        await RunFindingCoalescedAsync(seed);

        // Nothing stands for it that has not all of it.
        Assert.DoesNotContain(
            (await StoredAsync()).Where(stored => stored.Event.Origin == EventOrigin.Reconcile && stored.SupersededBy is not null),
            stored => !_found.ContainsKey(stored.SupersededBy!.Value));
    }

    private async Task RunFindingCoalescedAsync(int seed)
    {
        await RunFindingAsync(seed);

        AssertRight([.. _acknowledged, .. (await StoredFoundAsync()).Where(found => !found.IsSuperseded).Select(found => found.Body)]);
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public async Task Gateway_RecordsFoundWithoutCoalesce_SupersedesOnlyWhatTheyHave(int seed)
    {
        _coalesces = false;
        await RunFindingAsync(seed);

        var found = await StoredFoundAsync();
        var delivered = _messages.SelectMany(delivery => SysAidChanges.In(delivery.Event.Body.ToArray()).Select(
            change => (SysAidChanges.RecordOf(delivery.Event.Body.ToArray()), change))).ToHashSet();
        foreach (var record in _acknowledged.Concat(found.Where(one => !one.IsSuperseded).Select(one => one.Body)).GroupBy(SysAidChanges.RecordOf))
        {
            foreach (var field in record.SelectMany(SysAidChanges.In).GroupBy(change => change.Field))
                Assert.Contains((record.Key, field.MaxBy(change => change.Time)!), delivered);
        }

        var superseded = (await StoredAsync()).Where(stored => stored.SupersededBy is not null).ToList();
        Assert.True(seed > 10 || superseded.Exists(stored => stored.Event.Origin == EventOrigin.Sender), "nothing came late");
        foreach (var stored in superseded)
        {
            var newest = DateTimeOffset.FromUnixTimeMilliseconds(SysAidChanges.In(stored.Event.Body.ToArray()).Max(change => change.Time));
            Assert.True(newest < _found[stored.SupersededBy!.Value].Time, "Something newer was superseded by something older.");
        }
    }

    private async Task RunFindingAsync(int seed)
    {
        var sessions = new SysAidSessions(seed, Start);
        _records = sessions.Make(sessions: 25, records: 4);
        await RunAsync(sessions.Disturb(_records, share: 0.2, late: 6 * CoalescedGateway.Quiet), seed, atOnce: true);
        Assert.NotEmpty(_found);
    }

    private void AssertRight(IEnumerable<byte[]> sent)
    {
        foreach (var record in sent.GroupBy(SysAidChanges.RecordOf))
        {
            var messages = _messages.Select(delivery => delivery.Event.Body.ToArray()).Where(body => SysAidChanges.RecordOf(body) == record.Key);
            Assert.Null(SysAidChanges.ProblemOf(record, messages));
        }
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public async Task Gateway_NothingLateOrLostButCrashes_GivesOneMessageASession(int seed)
    {
        await RunAsync(new SysAidSessions(seed, Start).Make(sessions: 15, records: 4), seed, atOnce: false);

        Assert.Equal(15, _messages.Select(delivery => delivery.Event.Id).Distinct().Count());
    }

    /// <param name="posts">What is sent.</param>
    /// <param name="seed">Decides about crashes, and how the downstream answers.</param>
    /// <param name="atOnce">Whether several webhooks may come at the very same time.</param>
    private async Task RunAsync(IReadOnlyList<SysAidPost> posts, int seed, bool atOnce)
    {
        _random = new Random(seed);
        _gateway = await OpenAsync();
        _other = CreateOther(_time) is { } other ? await CoalescedGateway.OpenAsync(other, _time, _coalesces, _compares) : null;
        try
        {
            for (var sent = 0; sent < posts.Count;)
            {
                var count = atOnce && _random.Next(5) == 0 ? Math.Min(_random.Next(2, 6), posts.Count - sent) : 1;
                var webhooks = posts.Skip(sent).Take(count).ToList();
                sent += count;
                await PassTimeAsync(Start + webhooks[^1].At);
                await SendAsync(webhooks);
                if (_random.Next(3) == 0)
                    await DeliverAsync();
            }

            await PassTimeAsync(Start + TimeSpan.FromDays(1));
            while (await DeliverAsync())
                _time.Advance(TimeSpan.FromSeconds(1));

            var report = await _gateway.Store.AuditAsync(CancellationToken.None);
            Assert.True(report.Balanced, report.ToString());
            Assert.Equal(0, Assert.Single(report.Sources).Counted.Held);
        }
        finally
        {
            await _gateway.DisposeAsync();
            await (_other?.DisposeAsync() ?? ValueTask.CompletedTask);
        }

        output.WriteLine($"seed {seed}: {_acknowledged.Count} webhooks, {_messages.Count} messages, {_crashes} crashes");
    }

    /// <summary>Lets the clock go on, and releases what is due on the way, as the loop does.</summary>
    private async Task PassTimeAsync(DateTimeOffset until)
    {
        while (await _gateway.ReleaseDueAsync() is { } due && due <= until)
        {
            _time.SetUtcNow(due);
            if (_random.Next(8) == 0)
                await CrashAsync(_gateway.ReleaseDueAsync);
        }

        if (until > _time.GetUtcNow())
            _time.SetUtcNow(until);

        await _gateway.ReleaseDueAsync();
    }

    /// <summary>Sends until it is acknowledged, as a sender that retries does; a crash is in the middle of it or not at all.</summary>
    private async Task SendAsync(List<SysAidPost> webhooks)
    {
        var found = _random.Next(3) == 0 ? Find(_random.Next(1, 5)) : null;
        var isFirst = _random.Next(2) == 0;
        if (_random.Next(6) == 0)
            await CrashAsync(TakeAsync);

        await TakeAsync();
        _acknowledged.AddRange(webhooks.Select(webhook => webhook.Body));

        async Task TakeAsync()
        {
            var made = isFirst ? TakeFoundAsync(found) : null;
            var acknowledged = await Task.WhenAll(webhooks.Select(
                (webhook, index) => (index % 2 == 0 ? _gateway : _other ?? _gateway).TakeAsync(webhook.Body)));
            await (made ?? TakeFoundAsync(found));
            Assert.All(acknowledged, Assert.True);
        }
    }

    /// <summary>The record as it is in SysAid, where it was changed before the grace: its body is laid out as a webhook's, with every field.</summary>
    private SysAidPost? Find(int record)
    {
        var until = _time.GetUtcNow() - Start - CoalescedGateway.Grace;
        var changes = _records.Where(post => post.Record == record && post.At <= until).SelectMany(post => SysAidChanges.In(post.Body))
            .GroupBy(change => change.Field).Select(field => field.MaxBy(change => change.Time)!).OrderBy(change => change.Time).ToList();
        if (changes.Count == 0)
            return null;

        var body = JsonSerializer.SerializeToUtf8Bytes(new
        {
            srId = record,
            updates = changes.Select(change => new { fieldName = change.Field, currentValue = change.Value, timestamp = change.Time }),
        });
        return new SysAidPost(DateTimeOffset.FromUnixTimeMilliseconds(changes[^1].Time) - Start, record, IsFull: true, body);
    }

    private async Task TakeFoundAsync(SysAidPost? found)
    {
        if (found is not null && await _gateway.TakeFoundAsync(found.Record, Start + found.At, found.Body) is { } id)
            _found[id] = (Start + found.At, found.Body);
    }

    private async Task<IReadOnlyList<(byte[] Body, bool IsSuperseded)>> StoredFoundAsync() =>
        [.. (await StoredAsync()).Where(stored => stored.Event.Origin == EventOrigin.Reconcile).Select(
            stored => (stored.Event.Body.ToArray(), stored.SupersededBy is not null))];

    private async Task<IReadOnlyList<StoredEvent>> StoredAsync()
    {
        await using var gateway = await OpenAsync();
        var all = await gateway.Store.ListAsync(new EventFilter(), null, 1000, CancellationToken.None);
        return [.. await Task.WhenAll(all.Events.Select(async e => (await gateway.Store.FindAsync(e.Id, CancellationToken.None))!))];
    }

    private async Task CrashAsync(Func<Task> meanwhile)
    {
        _crashes++;
        await CrashAsync(_gateway, meanwhile, _random);
        _gateway = await OpenAsync();
    }

    private Task<CoalescedGateway> OpenAsync() => CoalescedGateway.OpenAsync(Create(_time), _time, _coalesces, _compares);

    /// <summary>A downstream that now and then does not take it; what it has taken, it has.</summary>
    /// <returns>Whether anything was due.</returns>
    private async Task<bool> DeliverAsync()
    {
        var due = await _gateway.LeaseAsync();
        foreach (var delivery in due)
        {
            var takes = _random.Next(4) > 0;
            if (takes)
                _messages.Add(delivery);

            var written = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _gateway.Store.Settle(new Settlement
            {
                Delivery = delivery,
                Attempt = new DeliveryAttempt { Number = delivery.Attempts + 1, StartedAt = _time.GetUtcNow(), Duration = TimeSpan.FromMilliseconds(1) },
                State = takes ? DeliveryState.Delivered : DeliveryState.Retrying,
                DueAt = takes ? null : _time.GetUtcNow().AddSeconds(1),
                Written = _ => written.SetResult(),
            });
            await written.Task.WaitAsync(TimeSpan.FromSeconds(30), TimeProvider.System);
        }

        return due.Count > 0;
    }
}
