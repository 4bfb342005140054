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
