using HookGateway.Events;
using HookGateway.Storage.Sqlite;
using HookGateway.Store;
using HookGateway.Testing.Senders;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace HookGateway.StorageTests.Sqlite;

/// <summary>
/// People edit records, webhooks come late, twice or never, and the machine loses power in the middle of it: each downstream has every
/// field's last value, and never had a newer one before.
/// </summary>
public sealed class CoalescePropertyTests(ITestOutputHelper output) : IDisposable
{
    private static readonly DateTimeOffset Start = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("hookgateway-");
    private readonly FakeTimeProvider _time = new(Start);
    private readonly List<Delivery> _messages = [];
    private readonly List<byte[]> _acknowledged = [];
    private Random _random = new(0);
    private CoalescedGateway _gateway = null!;
    private int _crashes;

    public static TheoryData<int> Seeds { get; } = [.. Enumerable.Range(1, 10), Environment.ProcessId, 2 * Environment.ProcessId];

    public void Dispose() => _directory.Delete(recursive: true);

    [Theory]
    [MemberData(nameof(Seeds))]
    public async Task Gateway_WebhooksLateTwiceOrNeverAndCrashes_GivesEveryLastValueAndNoneAfterANewerOne(int seed)
    {
        var sessions = new SysAidSessions(seed, Start);
        await RunAsync(sessions.Disturb(sessions.Make(sessions: 15, records: 4), share: 0.15, late: 6 * CoalescedGateway.Quiet), seed, atOnce: true);

        foreach (var record in _acknowledged.GroupBy(SysAidChanges.RecordOf))
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
        _gateway = await CoalescedGateway.OpenAsync(Path.Combine(_directory.FullName, "0", "events.db"), _time);
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
        if (_random.Next(6) == 0)
            await CrashAsync(() => Task.WhenAll(webhooks.Select(webhook => _gateway.TakeAsync(webhook.Body))));

        foreach (var acknowledged in await Task.WhenAll(webhooks.Select(webhook => _gateway.TakeAsync(webhook.Body))))
            Assert.True(acknowledged);

        _acknowledged.AddRange(webhooks.Select(webhook => webhook.Body));
    }

    /// <summary>Goes on with what was on the disk right before or after a commit; nobody was told of what was under way.</summary>
    private async Task CrashAsync(Func<Task> meanwhile)
    {
        var path = Path.Combine(_directory.FullName, $"{++_crashes}", "events.db");
        var copied = false;
        if (_random.Next(2) == 0)
            _gateway.BeforeCommit = Copy;
        else
            _gateway.AfterCommit = Copy;

        await meanwhile();
        await ((SqliteEventStore)_gateway.Store).OnWriterAsync(_ =>
        {
            Copy();
            return true;
        });

        await _gateway.DisposeAsync();
        _gateway = await CoalescedGateway.OpenAsync(path, _time);

        void Copy()
        {
            if (copied)
                return;

            copied = true;
            var from = Path.Combine(_directory.FullName, $"{_crashes - 1}", "events.db");
            Directory.CreateDirectory(path + "-events");
            foreach (var file in Directory.GetFiles(from + "-events", "*.log"))
                File.Copy(file, Path.Combine(path + "-events", Path.GetFileName(file)));

            foreach (var suffix in new[] { "", "-wal" }.Where(suffix => File.Exists(from + suffix)))
                File.Copy(from + suffix, path + suffix);
        }
    }

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
