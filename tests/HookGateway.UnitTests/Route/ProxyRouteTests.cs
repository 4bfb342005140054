using System.Text;
using HookGateway.Configuration;
using HookGateway.Route;
using HookGateway.Store;
using Xunit;

namespace HookGateway.UnitTests.Route;

/// <summary>What a request is passed on to, and what of its event is stored beside that.</summary>
public sealed class ProxyRouteTests
{
    private static readonly RouteConfiguration Stored = Route("stored", isProxy: false);
    private static readonly RouteConfiguration Proxy = Route("live", isProxy: true);

    [Fact]
    public void Event_OfAProxyRouteAlone_IsPassedOnAndNotStored()
    {
        var decision = Decide(Proxy);

        Assert.Equal(("live", false), (decision.ProxiedTo, decision.IsStored));
        Assert.Empty(decision.Destinations);
    }

    [Fact]
    public void Event_OfBothKinds_IsStoredForTheOneAndPassedOnToTheOther()
    {
        var decision = Decide(Proxy, Stored);

        Assert.Equal(("live", true, Disposition.Routed), (decision.ProxiedTo, decision.IsStored, decision.Disposition));
        Assert.Equal(["stored"], decision.Destinations);
    }

    [Fact]
    public void Event_OfSeveralProxyRoutes_TakesTheFirstThatHolds()
    {
        var decision = Decide(Proxy with { Where = "absent" }, Proxy with { Where = "type", To = ["second"] }, Proxy with { To = ["third"] });

        Assert.Equal("second", decision.ProxiedTo);
    }

    [Fact]
    public void Event_ThatAProxyRouteFilters_IsStoredAsFiltered()
    {
        var decision = Decide(Proxy with { Where = "absent" });

        Assert.Equal((null, true, Disposition.Filtered), (decision.ProxiedTo, decision.IsStored, decision.Disposition));
    }

    [Fact]
    public void Event_ThatAnotherRouteFailsOn_IsPassedOnAndStays()
    {
        var decision = Decide(Proxy, Stored with { Where = "contains(zero, 'x')" });

        Assert.Equal(("live", true, Disposition.Unrouted), (decision.ProxiedTo, decision.IsStored, decision.Disposition));
    }

    [Fact]
    public void Event_OfAnOrdinaryRoute_IsPassedOnToNobody()
    {
        var decision = Decide(Stored);

        Assert.Equal((null, true, Disposition.Routed), (decision.ProxiedTo, decision.IsStored, decision.Disposition));
    }

    private static RouteDecision Decide(params RouteConfiguration[] routes) =>
        new RouteTable(routes).Match("crm", "a").Decide(Encoding.UTF8.GetBytes("""{"type":"a","zero":0}"""), null);

    private static RouteConfiguration Route(string to, bool isProxy) =>
        new() { Name = to, Source = "crm", To = [to], IsProxy = isProxy };
}
