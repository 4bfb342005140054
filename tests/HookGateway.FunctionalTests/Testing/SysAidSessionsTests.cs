using System.Text.Json;
using HookGateway.Testing;
using HookGateway.Testing.Downstream;
using HookGateway.Testing.Senders;
using Xunit;

namespace HookGateway.FunctionalTests.Testing;

public sealed class SysAidSessionsTests
{
    private static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Make_SameSeed_GivesTheSameSessions()
    {
        Assert.Equal(Bodies(7), Bodies(7));
        Assert.NotEqual(Bodies(7), Bodies(8));

        static IEnumerable<string> Bodies(int seed)
        {
            var sessions = new SysAidSessions(seed, Start);
            return sessions.Disturb(sessions.Make(20, 5), 0.2, TimeSpan.FromMinutes(1)).Select(post => $"{post.At} {SysAidEvent.Text(post.Body)}");
        }
    }

    [Fact]
    public void Make_Sessions_EndWithAFullOneThatHasEveryFieldsLastValue()
    {
        var sessions = new SysAidSessions(7, Start);
        var posts = sessions.Make(50, 5);

        Assert.Equal(50, posts.Count(post => post.IsFull));
        var values = new Dictionary<(int, string), string>();
        foreach (var record in posts.GroupBy(post => post.Record))
        {
            var session = new Dictionary<string, string>();
            var versions = new List<int>();
            foreach (var (post, body) in record.Select(post => (post, JsonDocument.Parse(post.Body).RootElement)))
            {
                Assert.Equal(record.Key, body.GetProperty("srId").GetInt32());
                Assert.Equal(post.IsFull, body.TryGetProperty("sr_version", out var version));
                var updates = body.GetProperty("updates").EnumerateArray().ToDictionary(
                    update => update.GetProperty("fieldName").GetString()!, update => update.GetProperty("currentValue").GetString()!);
                if (!post.IsFull)
                {
                    var (field, value) = Assert.Single(updates);
                    (session[field], values[(record.Key, field)]) = (value, value);
                    continue;
                }

                versions.Add(version.GetInt32());
                Assert.Equal(session.OrderBy(pair => pair.Key), updates.OrderBy(pair => pair.Key));
                session.Clear();
            }

            Assert.Equal(Enumerable.Range(2, versions.Count), versions);
        }

        Assert.Equal(sessions.FinalValues.OrderBy(pair => pair.Key), values.OrderBy(pair => pair.Key));
    }

    [Fact]
    public void Disturb_SomeAreLostSomeTwiceSomeLate()
    {
        var sessions = new SysAidSessions(7, Start);
        var posts = sessions.Make(100, 5);

        var disturbed = sessions.Disturb(posts, 0.2, TimeSpan.FromMinutes(1));

        var arrived = disturbed.GroupBy(post => post.Body).ToDictionary(group => group.Key, group => group.ToList());
        Assert.Contains(posts, post => !arrived.ContainsKey(post.Body));
        Assert.Contains(arrived.Values, copies => copies.Count == 2);
        Assert.Contains(posts, post => arrived.TryGetValue(post.Body, out var copies) && copies.Count == 1 && copies[0].At > post.At);
        Assert.Equal(disturbed.OrderBy(post => post.At), disturbed);
    }

    [Fact]
    public async Task SendAll_NoneButA2xx_IsTriedThreeTimesAndGivenUp()
    {
        await using var receiver = await Receiver.StartAsync();
        var posts = new SysAidSessions(7, Start).Make(2, 2);
        var refused = SysAidEvent.Text(posts[0].Body);
        receiver.AnswerWith(arrival => SysAidEvent.Text(arrival.Body) == refused ? Answer.Status(500) : Answer.Ok);
        using var sender = new SysAidSender(receiver.Url, "s");

        var lost = await Wait.ForAsync(sender.SendAllAsync(posts, speed: 1000), "the sessions");

        Assert.Equal([posts[0]], lost);
        Assert.Equal(posts.Count - 1 + SysAidSender.Attempts, receiver.Arrivals.Count);
        Assert.All(receiver.Arrivals, arrival => Assert.Equal(sender.Sign(arrival.Body), arrival.Header(SysAidSender.SignatureHeader)));
    }
}
