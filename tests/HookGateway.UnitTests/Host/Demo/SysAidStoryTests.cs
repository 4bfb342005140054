using System.Text.Json;
using HookGateway.Host.Demo;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace HookGateway.UnitTests.Host.Demo;

public sealed class SysAidStoryTests
{
    private static readonly IReadOnlyList<DemoEvent> Story = SysAidStory.Of(148, new FakeTimeProvider());

    [Fact]
    public void Story_HasOneFullUpdate_AndItAloneCarriesTheVersion()
    {
        var accepted = Story.Where(sent => sent.Expected == Expected.Accepted);

        Assert.Single(accepted, sent => Parse(sent).TryGetProperty("sr_version", out _));
    }

    [Fact]
    public void Story_HasSessionsWithSomethingLateAndSomethingLost()
    {
        var sessions = Story.Where(sent => sent.Session is not null).ToLookup(sent => sent.Session);

        Assert.Equal(2, sessions.Count);
        Assert.All(sessions, session => Assert.True(session.Count(sent => sent.Expected is Expected.Accepted or Expected.AcceptedLate) > 1));
        Assert.All(sessions, session => Assert.Contains(session, sent => sent.Expected == Expected.Lost));
        var late = Assert.Single(Story, sent => sent.Expected == Expected.AcceptedLate);
        var change = Assert.Single(DemoChange.In(late.Body));
        Assert.Contains(Story.TakeWhile(sent => sent != late), sent => DemoChange.In(sent.Body).Any(other => other.Time > change.Time));
    }

    [Fact]
    public void Story_Accepted_HaveIdsOfTheirOwn()
    {
        var ids = Story.Where(sent => sent.Expected == Expected.Accepted).Select(sent => Parse(sent).GetProperty("id").GetString());

        Assert.Distinct(ids);
    }

    [Fact]
    public void Story_Duplicates_AreTheVeryBytesOfAnEarlierOne()
    {
        var bodies = Story.Where(sent => sent.Expected == Expected.Accepted).Select(sent => sent.Body).ToList();

        Assert.All(Story.Where(sent => sent.Expected == Expected.Duplicate), sent => Assert.Contains(sent.Body, bodies));
    }

    private static JsonElement Parse(DemoEvent sent) => JsonDocument.Parse(sent.Body).RootElement;
}
