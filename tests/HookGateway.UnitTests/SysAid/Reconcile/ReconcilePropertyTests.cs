using System.Globalization;
using System.Text.Json.Nodes;
using HookGateway.Events;
using HookGateway.Testing.Senders;
using Xunit;

namespace HookGateway.UnitTests.SysAid.Reconcile;

/// <summary>Whatever a network does to webhooks: what each record is in the end arrives, and nothing is made for what came.</summary>
public sealed class ReconcilePropertyTests
{
    private const string Settings = "from: 2026-01-01, grace: 20s, overlap: 1m, interval: 1m, tolerance: 1ms";

    private static readonly TimeSpan Late = TimeSpan.FromMinutes(3);

    public static TheoryData<int, bool> Seeds { get; } = [.. Enumerable.Range(0, 6).SelectMany(seed => new[] { (seed, false), (seed, true) })];

    [Theory]
    [MemberData(nameof(Seeds))]
    public async Task Sessions_LostRepeatedAndLate_EachRecordsLastStateArrives(int seed, bool earliestFirst)
    {
        await using var given = await Reconciled.StartAsync();
        given.Records.EarliestFirst = earliestFirst;
        var (sent, all, final) = await RunAsync(given, seed, Settings);

        AssertAllArrived(sent, all, final);
        AssertNoneInVain(all);
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public async Task Sessions_LostRepeatedAndLateAndCompared_EachFieldsLastValueArrives(int seed, bool earliestFirst)
    {
        await using var given = await Reconciled.StartAsync();
        given.Records.EarliestFirst = earliestFirst;
        var compare = string.Join(", ", SysAidSessions.Fields.Select(field => $"{field}: {field}"));
        var (_, all, final) = await RunAsync(given, seed, $"{Settings}, compare: {{ {compare} }}");

        var told = new Dictionary<(int Record, string Field), (DateTimeOffset Time, string Value)>();
        foreach (var one in all)
        {
            var isNew = false;
            foreach (var (field, time, value) in ValuesOf(one))
            {
                var known = told.GetValueOrDefault((int.Parse(one.Key!, CultureInfo.InvariantCulture), field));
                isNew |= value != known.Value && time >= known.Time;
                if (time >= known.Time)
                    told[(int.Parse(one.Key!, CultureInfo.InvariantCulture), field)] = (time, value);
            }

            Assert.True(one.Origin == EventOrigin.Sender || isNew, "An event was made that tells nothing new.");
        }

        Assert.All(final, field => Assert.Equal(field.Value, told[field.Key].Value));
    }

    private static async Task<(IReadOnlyList<SysAidPost> Sent, IReadOnlyList<WebhookEvent> All, IReadOnlyDictionary<(int Record, string Field), string> Final)>
        RunAsync(Reconciled given, int seed, string settings)
    {
        given.Records.IsoTimes = seed % 2 == 1;
        var start = given.Now;
        var sessions = new SysAidSessions(seed, start);
        var sent = sessions.Make(sessions: 60, records: 25);
        var arriving = sessions.Disturb(sent, share: 0.3, Late);
        var reconciler = given.Reconciler(settings);
        var (next, came) = (0, 0);
        for (var at = TimeSpan.Zero; next < sent.Count || came < arriving.Count; at += TimeSpan.FromSeconds(15))
        {
            for (; next < sent.Count && sent[next].At <= at; next++)
                Put(given, sent[next]);
            for (; came < arriving.Count && arriving[came].At <= at; came++)
                await given.WebhookAsync(arriving[came].Record, arriving[came].Body);
            given.Time.SetUtcNow(start + at);

            // A gateway that begins anew now and then.
            if (at.Seconds == 30)
                reconciler = given.Reconciler(settings);
            await given.RunAsync(reconciler);
        }

        given.Time.Advance(TimeSpan.FromMinutes(1));
        await given.RunAsync(reconciler);
        return (sent, await given.AllAsync(), sessions.FinalValues);
    }

    private static IEnumerable<(string Field, DateTimeOffset Time, string Value)> ValuesOf(WebhookEvent one) => one.Origin == EventOrigin.Reconcile
        ? JsonNode.Parse(one.Body.Span)!.AsObject().Where(field => SysAidSessions.Fields.Contains(field.Key))
            .Select(field => (field.Key, Newest(one), (string)field.Value!))
        : SysAidChanges.In(one.Body.ToArray()).Select(
            change => (change.Field, DateTimeOffset.FromUnixTimeMilliseconds(change.Time), change.Value));

    private static void Put(Reconciled given, SysAidPost post)
    {
        var updates = JsonNode.Parse(post.Body)!["updates"]!.AsArray();
        given.Records.Put(
            post.Record,
            Newest(post.Body),
            [.. updates.Select(update => ((string)update!["fieldName"]!, (string)update["currentValue"]!))]);
    }

    private static void AssertAllArrived(
        IReadOnlyList<SysAidPost> sent, IReadOnlyList<WebhookEvent> all, IReadOnlyDictionary<(int Record, string Field), string> final)
    {
        foreach (var record in sent.GroupBy(post => post.Record))
        {
            var last = record.Max(post => Newest(post.Body));
            var arrived = all.Where(e => e.Key == $"{record.Key}" && Newest(e) == last).ToList();
            Assert.NotEmpty(arrived);

            // A webhook tells one change; what was found tells all.
            foreach (var made in arrived.Where(e => e.Origin == EventOrigin.Reconcile))
            {
                var body = JsonNode.Parse(made.Body.Span)!;
                Assert.All(final.Where(value => value.Key.Record == record.Key), value => Assert.Equal(value.Value, (string)body[value.Key.Field]!));
            }
        }
    }

    private static void AssertNoneInVain(IReadOnlyList<WebhookEvent> all)
    {
        var made = all.Where(e => e.Origin == EventOrigin.Reconcile).ToList();
        Assert.NotEmpty(made);
        Assert.Equal(made.Count, made.DistinctBy(e => (e.Key, Newest(e))).Count());
        for (var i = 0; i < all.Count; i++)
        {
            if (all[i].Origin == EventOrigin.Reconcile)
                Assert.DoesNotContain(all.Take(i), before => before.Key == all[i].Key && Newest(before) >= Newest(all[i]));
        }
    }

    private static DateTimeOffset Newest(WebhookEvent e)
    {
        if (e.Origin == EventOrigin.Sender)
            return Newest(e.Body.ToArray());

        var time = JsonNode.Parse(e.Body.Span)!["updateTime"]!;
        return time.GetValueKind() == System.Text.Json.JsonValueKind.String
            ? DateTimeOffset.Parse((string)time!, CultureInfo.InvariantCulture)
            : DateTimeOffset.FromUnixTimeMilliseconds((long)time);
    }

    private static DateTimeOffset Newest(byte[] body) => DateTimeOffset.FromUnixTimeMilliseconds(
        JsonNode.Parse(body)!["updates"]!.AsArray().Max(update => (long)update!["timestamp"]!));
}
