using System.Globalization;
using System.Text.Json;
using HookGateway.Testing;
using HookGateway.Testing.Downstream;
using HookGateway.Testing.Gateway;
using HookGateway.Testing.Senders;
using HookGateway.Testing.SysAid;
using Xunit;

namespace HookGateway.ResilienceTests.Sessions;

/// <summary>
/// People edit records in SysAid, of whose webhooks a tenth is lost, a tenth comes twice and a twentieth late, and the gateway is killed
/// in the middle: what each session becomes, and what a downstream knows in the end. Everything is 40 times faster than people are. The
/// long form is <c>HOOKGATEWAY_SESSIONS=10000 ./test --filter-class HookGateway.ResilienceTests.Sessions.EditSessionsTests</c>.
/// </summary>
public sealed class EditSessionsTests(ITestOutputHelper output)
{
    private const string Secret = "a secret of the test";
    private const double Pace = 40;

    private static readonly int Sessions =
        Environment.GetEnvironmentVariable("HOOKGATEWAY_SESSIONS") is { } wanted ? int.Parse(wanted, CultureInfo.InvariantCulture) : 400;

    private static readonly int Records = Math.Max(200, Sessions / 10);
    private static readonly TimeSpan Quiet = TimeSpan.FromSeconds(2);

    [Fact]
    public async Task Sessions_LostRepeatedLateAndKilled_BecomeOneMessageEachAndLoseNoLastValue()
    {
        var (seed, begun) = (Environment.ProcessId, Now);
        output.WriteLine($"seed {seed}");
        await using var api = await FakeConnectApi.StartAsync();
        api.RateLimit = int.MaxValue;
        await using var downstream = await Receiver.StartAsync();
        await using var gateway = await GatewayProcess.StartAsync(ports => Configuration(ports, api, downstream));
        using var sender = new SysAidSender(new Uri(gateway.HttpsUrl, "/hooks/sysaid"), Secret);

        // Records are taken as they are when they are first listed: what was lost before that, nothing shows.
        await Wait.UntilAsync(async () => await RunsAsync(gateway) > 0, "the records to be listed");

        var start = Now;
        var sessions = new SysAidSessions(seed, start, Pace);
        var tenant = new Tenant(api.Records, sender, start, seed) { Latest = 2 * Quiet };
        await tenant.PlayAsync(sessions.Make(Sessions, Records), async () =>
        {
            await gateway.KillAsync();
            await gateway.StartAgainAsync();
        });
        await EverythingOutAsync(gateway, api);

        var books = Assert.Single((await gateway.BalancedBooksAsync()).GetProperty("sources").EnumerateArray()).GetProperty("counted");
        var times = tenant.Webhooks.SelectMany(webhook => webhook.Changes).DistinctBy(change => change.Value)
            .ToDictionary(change => change.Value, change => change.Time);
        var arrived = downstream.Arrivals.Select(arrival => Message.Of(arrival, value => times[value])).ToList();
        var states = new LastStates(arrived);
        var faults = states.Compare(tenant.Webhooks, sessions.FinalValues).ToLookup(fault => fault.Fault);
        var messages = MessagesOf(tenant.Webhooks, arrived);
        var kinds = new SessionKinds(tenant.Webhooks, arrived, Quiet).Find().ToLookup(session => session.Value, session => messages[session.Key]);
        Tell(tenant.Webhooks, arrived, books, kinds);
        output.WriteLine(
            $"{sessions.FinalValues.Count} fields of {Records} records: {faults.Sum(fault => fault.Count())} last values did not arrive ("
            + $"{string.Join(", ", faults.Select(fault => $"{fault.Count()} {fault.Key}"))}); {states.Stale.Count} stale; {states.Needless} found in vain; "
            + $"{(Now - begun).TotalSeconds:0} s");

        Assert.Empty(states.Stale);
        Assert.Empty(faults);

        // What comes at the very moment in which it is found: after the kill, when all try again at once.
        Assert.InRange(states.Needless, 0, 10);
        Assert.All(kinds[SessionKind.Together], count => Assert.Equal(1, count));
        Assert.True(kinds[SessionKind.Together].Count() > Sessions / 20, "too few sessions came whole for the test to mean anything");
        AssertCounted(books, tenant.Webhooks, arrived);
    }

    /// <summary>Nothing is held, nothing owed, and all changes were looked at.</summary>
    private static async Task EverythingOutAsync(GatewayProcess gateway, FakeConnectApi api)
    {
        var last = api.Records.Latest;
        await Wait.UntilAsync(
            async () => (await ReconciledAsync(gateway)).TryGetProperty("updateTime", out var looked)
                && looked.ValueKind == JsonValueKind.String && looked.GetDateTimeOffset() >= last,
            "all changes to be looked at",
            TimeSpan.FromSeconds(60));

        // A record that changed while it was looked at is left for the next run; one may be under way that began before.
        var runs = await RunsAsync(gateway);
        await Wait.UntilAsync(
            async () => await RunsAsync(gateway) >= runs + 2, "what was left to be looked at again", TimeSpan.FromSeconds(60));
        await Wait.UntilAsync(
            async () => (await gateway.GetAsync("/api/v1/events?state=held&limit=1")).GetProperty("events").GetArrayLength() == 0,
            "everything held to go out",
            TimeSpan.FromSeconds(60));
        await gateway.DrainedAsync();
    }

    private static async Task<int> RunsAsync(GatewayProcess gateway) => (await ReconciledAsync(gateway)).GetProperty("runs").GetInt32();

    private static async Task<JsonElement> ReconciledAsync(GatewayProcess gateway) =>
        Assert.Single((await gateway.GetAsync("/api/v1/reconcile")).GetProperty("sources").EnumerateArray());

    /// <summary>What was acknowledged and what the gateway made is counted once each, and nothing is held any more.</summary>
    private static void AssertCounted(JsonElement books, IReadOnlyList<Webhook> webhooks, IEnumerable<Message> arrived)
    {
        var posts = webhooks.Where(webhook => webhook.Posted is not null).GroupBy(webhook => webhook.Post).ToList();
        var acknowledged = posts.Count(post => post.Any(webhook => webhook.Acknowledged is not null));
        var made = arrived.DistinctBy(message => message.Id).Count(message => message.IsFound || message.IsMerged);

        // What the sender gave up while the gateway was gone may have been stored all the same.
        Assert.InRange(books.GetProperty("accepted").GetInt32(), acknowledged + made, posts.Count + made);
        Assert.Equal(0, books.GetProperty("held").GetInt32());
    }

    /// <summary>How many messages have a value of each session, those apart that were found.</summary>
    private static Dictionary<int, int> MessagesOf(IReadOnlyList<Webhook> webhooks, IEnumerable<Message> arrived)
    {
        var sessions = new Dictionary<string, int>();
        foreach (var webhook in webhooks)
        {
            foreach (var change in webhook.Changes)
                sessions[change.Value] = webhook.Post.Session;
        }

        var count = sessions.Values.Distinct().ToDictionary(session => session, _ => 0);
        foreach (var message in arrived.Where(message => !message.IsFound).DistinctBy(message => message.Id))
        {
            foreach (var session in message.Changes.Select(change => sessions[change.Value]).Distinct())
                count[session]++;
        }

        return count;
    }

    private void Tell(
        IReadOnlyList<Webhook> webhooks, List<Message> arrived, JsonElement books, ILookup<SessionKind, int> kinds)
    {
        var messages = arrived.DistinctBy(message => message.Id).ToList();
        output.WriteLine(
            $"{Sessions} sessions, {webhooks.Count(webhook => webhook.Fate != Fate.Repeated)} webhooks, and "
            + $"{string.Join(", ", webhooks.CountBy(webhook => webhook.Fate).Select(fate => $"{fate.Value} {fate.Key}"))}; "
            + $"{webhooks.Count(webhook => webhook.Fate != Fate.Lost && webhook.Acknowledged is null)} given up by the sender");
        output.WriteLine(
            $"{messages.Count} messages in {arrived.Count} requests: {messages.Count(message => message.IsMerged)} merged, "
            + $"{messages.Count(message => message.IsFound)} found; books {books}");
        foreach (var kind in kinds.OrderBy(kind => kind.Key))
        {
            output.WriteLine($"{kind.Count()} sessions {kind.Key}: " + string.Join(
                ", ", kind.CountBy(count => count).OrderBy(count => count.Key).Select(count => $"{count.Value} of {count.Key} messages")));
        }
    }

    private static string Configuration(GatewayPorts ports, FakeConnectApi api, Receiver downstream) => $$"""
        {{ports.Listen}}
        log: { level: error }
        sources:
          sysaid:
            preset: sysaid
            secrets: ["{{Secret}}"]
            coalesce: { events: [sr.updated], complete: sr_version, quiet: {{Quiet.TotalSeconds}}s, max: 20s }
            api: { url: "{{api.Url}}", account: {{FakeConnectApi.Account}}, clientId: {{FakeConnectApi.ClientId}}, clientSecret: {{FakeConnectApi.ClientSecret}} }
            reconcile: { interval: 1s, grace: 6s, overlap: 30s, tolerance: 1ms, compare: { {{string.Join(", ", SysAidSessions.Fields.Select(field => $"{field}: {field}"))}} } }
        destinations:
          d: { url: "{{downstream.Url}}", retry: { attempts: 1000, first: 50ms, factor: 1 }, breaker: { minimum: 100000 } }
        routes:
          - { source: sysaid, to: [d] }
        """;

    private static DateTimeOffset Now => TimeProvider.System.GetUtcNow();
}
