using HookGateway.Events;
using HookGateway.Store;
using Xunit;

namespace HookGateway.StorageTests.Conformance;

/// <summary>Every stored event is found by its id, with all that happened to it.</summary>
public abstract class FindingConformance(StoreEngine engine) : StoreConformance(engine)
{
    [Fact]
    public async Task Find_UnknownId_IsNull()
    {
        Assert.Null(await Store.FindAsync(new EventId(Guid.CreateVersion7(Time.GetUtcNow())), Cancel));
        await AcceptAsync(Request());

        Assert.Null(await Store.FindAsync(new EventId(Guid.Empty), Cancel));
        Assert.Null(await Store.FindAsync(new EventId(Guid.CreateVersion7(Time.GetUtcNow().AddDays(-1))), Cancel));
        Assert.Null(await Store.FindAsync(new EventId(Guid.CreateVersion7(Time.GetUtcNow().AddDays(1))), Cancel));
    }

    [Fact]
    public async Task Find_GapsFromRetention_TheOthersAreFound()
    {
        var kept = new List<WebhookEvent>();
        for (var i = 0; i < 60; i++)
        {
            var accepted = await AcceptAsync(Request($"e{i}", to: i % 7 == 0 ? ["jira"] : []));
            if (i % 7 == 0)
                kept.Add(accepted.Event);
        }

        Time.Advance(TimeSpan.FromDays(10));
        Assert.Equal(60 - kept.Count, await Store.RetainAsync(new(TimeSpan.FromDays(7), TimeSpan.FromDays(30)), Cancel));

        foreach (var expected in kept)
            Assert.Equal(expected.SourceId, (await FindAsync(expected.Id)).Event.SourceId);
    }

    [Fact]
    public async Task Find_FirstAttemptUnderWay_HasNoDueTime()
    {
        var fresh = await AcceptAsync(Request("fresh"));
        var later = await AcceptAsync(Request("later", lease: false));

        Assert.Null((await FindAsync(fresh.Event.Id)).Deliveries[0].DueAt);
        Assert.Equal(Time.GetUtcNow(), (await FindAsync(later.Event.Id)).Deliveries[0].DueAt);
        await LeaseAsync();
        Assert.Null((await FindAsync(later.Event.Id)).Deliveries[0].DueAt);
    }

    [Fact]
    public async Task Find_Filtered_SaysSo()
    {
        var accepted = await AcceptAsync(Request(to: []) with { Disposition = Disposition.Filtered });

        Assert.Equal(Disposition.Filtered, (await FindAsync(accepted.Event.Id)).Disposition);
    }
}
