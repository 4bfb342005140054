using System.Diagnostics;
using System.Text.Json;
using CsCheck;
using HookGateway.Coalesce;
using HookGateway.Configuration;
using HookGateway.Events;
using HookGateway.Testing.Senders;
using Xunit;

namespace HookGateway.UnitTests.Coalesce;

/// <summary>Whatever comes, in whatever order: every field's last value comes out, and never after a newer one.</summary>
public sealed class MergePropertyTests
{
    private static readonly ReconcileConfiguration Reconcile = new() { Tolerance = TimeSpan.FromMilliseconds(1) };

    private static readonly CoalesceConfiguration Configuration = new() { Events = ["sr.updated"], Complete = "sr_version", Quiet = TimeSpan.FromSeconds(6) };

    [Fact]
    public void Merge_WebhooksLateTwiceOrNever_GivesEveryLastValueAndNoneAfterANewerOne() => Gen.Int.Sample(
        seed =>
        {
            var sessions = new SysAidSessions(seed, Changes.Start);
            var posts = sessions.Disturb(sessions.Make(sessions: 12, records: 3), share: 0.15, late: 6 * Configuration.Quiet);
            AssertRight(posts, limited: seed % 4 == 0, deduped: seed % 3 != 0);
        },
        iter: 1000);

    [Fact]
    public void Merge_NothingLateOrLost_GivesOneMessageASession() => Gen.Int.Sample(
        seed => Assert.Equal(
            12, AssertRight(new SysAidSessions(seed, Changes.Start).Make(sessions: 12, records: 3), limited: false, deduped: true)),
        iter: 200);

    [Fact]
    public void Merge_RecordsFoundInBetween_GivesEveryLastValueAndNoneAfterANewerOne() => Gen.Int.Sample(
        seed =>
        {
            var sessions = new SysAidSessions(seed, Changes.Start);
            var sent = sessions.Make(sessions: 12, records: 1);
            var posts = sessions.Disturb(sent, share: 0.2, late: 6 * Configuration.Quiet);
            AssertRight(sent, posts, new Random(seed), limited: seed % 4 == 0, compares: seed % 2 == 0);
        },
        iter: 1000);

    private static void AssertRight(IReadOnlyList<SysAidPost> sent, IReadOnlyList<SysAidPost> posts, Random random, bool limited, bool compares)
    {
        var key = new Key(limited, compares);
        var known = new List<byte[]>();
        foreach (var webhook in posts)
        {
            if (random.Next(3) == 0 && Find(sent, webhook.At - TimeSpan.FromSeconds(random.Next(10))) is { } found)
                known.AddRange(key.TakeFound(found, webhook.At) ? [found.Body] : []);

            key.Take(webhook);
        }

        key.ReleaseUntil(DateTimeOffset.MaxValue);
        Assert.Null(SysAidChanges.ProblemOf([.. posts.Select(webhook => webhook.Body), .. known], key.Messages));
        Assert.Empty(key.Waiting);
    }

    /// <summary>The record as it was at a time, with every field that was changed until then.</summary>
    private static SysAidPost? Find(IReadOnlyList<SysAidPost> sent, TimeSpan until)
    {
        var changes = sent.Where(post => post.At <= until).SelectMany(post => SysAidChanges.In(post.Body))
            .GroupBy(change => change.Field).Select(field => field.MaxBy(change => change.Time)!).OrderBy(change => change.Time).ToList();
        return changes.Count == 0 ? null : new SysAidPost(
            DateTimeOffset.FromUnixTimeMilliseconds(changes[^1].Time) - Changes.Start, sent[0].Record, IsFull: true,
            JsonSerializer.SerializeToUtf8Bytes(new
            {
                updates = changes.Select(change => new { fieldName = change.Field, currentValue = change.Value, timestamp = change.Time }),
            }));
    }

    /// <returns>How many messages came out.</returns>
    private static int AssertRight(IReadOnlyList<SysAidPost> posts, bool limited, bool deduped)
    {
        var messages = 0;
        foreach (var record in posts.GroupBy(webhook => webhook.Record))
        {
            var key = new Key(limited);
            foreach (var webhook in deduped ? record.DistinctBy(webhook => webhook.Body) : record)
                key.Take(webhook);

            key.ReleaseUntil(DateTimeOffset.MaxValue);
            Assert.Null(SysAidChanges.ProblemOf(record.Select(webhook => webhook.Body), key.Messages));
            Assert.Empty(key.Waiting);
            messages += key.Messages.Count;
        }

        return messages;
    }

    /// <summary>A key as an engine keeps it, in memory.</summary>
    private sealed class Key(bool limited, bool compares = false)
    {
        private readonly SourceCoalescing _coalescing = new(
            Configuration, TimeSpan.FromHours(24), compares ? Reconcile with { Compare = [KeyValuePair.Create("title", "title")] } : Reconcile);
        private readonly Dictionary<int, byte[]> _bodies = [];
        private KeyState _state = KeyState.Empty;

        public List<byte[]> Messages { get; } = [];

        /// <summary>Those that were held, and neither released nor superseded so far.</summary>
        public HashSet<int> Waiting { get; } = [];

        private MergeRules Rules => limited ? _coalescing.Rules with { MostEvents = 2, MostFields = 2 } : _coalescing.Rules;

        public void Take(SysAidPost webhook)
        {
            var at = Changes.Start + webhook.At;
            ReleaseUntil(at);
            var received = new WebhookEvent
            {
                Source = "sysaid",
                Name = "sr.updated",
                ReceivedAt = at,
                Body = webhook.Body,
                Trace = new TraceContext(ActivityTraceId.CreateRandom(), ActivitySpanId.CreateRandom(), sampled: false),
            };
            using var body = JsonDocument.Parse(webhook.Body);
            var plan = Merge.Take(_state, _coalescing.Read(received, body.RootElement.TryGetProperty("sr_version", out _), at), Rules);
            Do(plan, webhook.Body);
        }

        /// <returns>Whether it went out.</returns>
        public bool TakeFound(SysAidPost found, TimeSpan at)
        {
            ReleaseUntil(Changes.Start + at);
            var plan = Merge.TakeFound(_state, (Changes.Start + found.At).UtcTicks, ["d"], Changes.Start + at, Rules);
            Do(plan, found.Body);
            return plan.Event is EventPlan.Passes;
        }

        public void ReleaseUntil(DateTimeOffset time)
        {
            if (Rules.ReleaseAt(_state) is { } due && due <= time)
                Do(Merge.ReleaseAll(_state, due, Rules)!, []);
        }

        private void Do(MergePlan plan, byte[] received)
        {
            // Through the store and back.
            _state = plan.State is null ? _state : KeyStateJson.Read(KeyStateJson.Write(plan.State));
            if (plan.Event is EventPlan.IsHeld held)
            {
                _bodies[held.Number] = received;
                Assert.True(Waiting.Add(held.Number));
            }

            switch (plan.Release)
            {
                case ReleasePlan.Untouched untouched:
                    Messages.Add(_bodies[untouched.Number]);
                    Assert.True(Waiting.Remove(untouched.Number));
                    break;

                case ReleasePlan.Merged merged:
                    var basis = merged.Base is null ? received : _bodies[merged.Base.Number];
                    var body = merged.List is null ? basis : UpdateList.Replace(basis, merged.List, merged.Changes);
                    Assert.True(merged.List is not null || SysAidChanges.In(basis).Count == merged.Changes.Count);
                    Messages.Add(body);
                    Assert.All(merged.TakesIn, taken => Assert.True(Waiting.Remove(taken.Number)));
                    break;
            }

            if (plan.Event is EventPlan.Passes)
                Messages.Add(received);

            // The state speaks of exactly those that wait.
            Assert.Equal(Waiting.Order(), _state.Held.Select(waiting => waiting.Number));
        }
    }
}
