using HookGateway.Configuration;
using HookGateway.Events;
using HookGateway.Observe;
using HookGateway.Pipeline;
using HookGateway.Store;
using HookGateway.UnitTests.Configuration;
using HookGateway.UnitTests.Store;
using HookGateway.UnitTests.Verify;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace HookGateway.UnitTests.Pipeline;

/// <summary>What is stored of an event before its request is passed on, and under which id it goes.</summary>
public sealed class ProxiedEventTests : IAsyncDisposable
{
    private readonly ScriptedStore _store = new();
    private readonly ServiceProvider _services;

    public ProxiedEventTests()
    {
        var configuration = Given.Configuration("""
            sources: { crm: { verify: none, event: type } }
            destinations: { live: { url: "http://a", forwardHeaders: [X-Own] }, stored: { url: "http://b" } }
            routes:
              - { source: crm, to: live, mode: proxy, events: [live, both] }
              - { source: crm, to: live, mode: proxy, events: ["*once"], dedupe: true, where: type }
              - { source: crm, to: stored, events: [both, both-once] }
            """);
        _services = new ServiceCollection().AddLogging().AddRouting().AddHookGateway(configuration)
            .AddSingleton<IEventStore>(_store).BuildServiceProvider();
    }

    public ValueTask DisposeAsync() => _services.DisposeAsync();

    [Fact]
    public async Task Event_OfAProxyRouteAlone_IsNotStoredAndHasAnIdOfItsOwn()
    {
        var one = Assert.IsType<IngestResult.PassOn>(await PassAsync("live"));
        var other = Assert.IsType<IngestResult.PassOn>(await PassAsync("live"));

        Assert.Equal("live", one.Destination);
        Assert.Equal([new("X-Own", "1")], one.Event.Headers);
        Assert.NotEqual(one.Event.Id, other.Event.Id);
    }

    [Fact]
    public async Task Event_ThatCannotBeStoredForAnotherRoute_IsNotPassedOn()
    {
        _store.OnAccept = _ => new AcceptResult.Unavailable("disk full");

        Assert.IsType<IngestResult.Unavailable>(await PassAsync("both"));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Event_StoredForAnotherRoute_IsPassedOnUnderItsId(bool isDuplicate)
    {
        var id = new EventId(Guid.NewGuid());
        AcceptRequest? asked = null;
        _store.OnAccept = request =>
        {
            asked = request;
            return isDuplicate ? new AcceptResult.Duplicate(id) : new AcceptResult.Accepted(request.Event with { Id = id }, []);
        };

        var passedOn = Assert.IsType<IngestResult.PassOn>(await PassAsync("both"));

        Assert.Equal(id, passedOn.Event.Id);
        Assert.Equal("stored", Assert.Single(asked!.Deliveries).Destination);
        Assert.Empty(asked.Event.Headers);
    }

    [Theory]
    [InlineData("live", false)]
    [InlineData("both", false)]
    [InlineData("once", true)]
    [InlineData("both-once", true)]
    public async Task Event_OfARouteThatDedupes_SaysWhatMakesItARepeat(string name, bool dedupes)
    {
        _store.OnAccept = request => new AcceptResult.Accepted(request.Event with { Id = new EventId(Guid.NewGuid()) }, []);

        var passedOn = Assert.IsType<IngestResult.PassOn>(await PassAsync(name));

        DedupeKey? key = dedupes ? DedupeKey.OfContent("crm", passedOn.Event.Body.Span) : null;
        Assert.Equal(key, passedOn.DedupeKey);
    }

    private async Task<IngestResult> PassAsync(string name)
    {
        var request = Requests.Request(
            $$"""{"type":"{{name}}"}""", [Requests.Header("Content-Type", "application/json"), Requests.Header("X-Own", "1")]);
        var pipeline = _services.GetRequiredService<EventPipeline>();
        return (await pipeline.PassAsync(pipeline.FindSource("/hooks/crm")!, request, TraceContext.New())).Result;
    }
}
