using System.Text;
using HookGateway.Configuration;
using HookGateway.Route;
using HookGateway.Store;
using HookGateway.Verify;
using Xunit;

namespace HookGateway.UnitTests.Route;

/// <summary>What a <c>where</c> makes of an event.</summary>
public sealed class RouteConditionTests
{
    private const string Body = """
        {"eventName":"sr.updated","zero":0,"no":false,"nil":null,"empty":"","none":[],"hollow":{},
         "updates":[{"fieldName":"priority","currentValue":"1"},{"fieldName":"title","currentValue":"the secret text"}]}
        """;

    [Theory]
    [InlineData("updates[?fieldName=='priority' && currentValue=='1']", true)]
    [InlineData("updates[?fieldName=='priority' && currentValue=='2']", false)]
    [InlineData("updates", true)]
    [InlineData("eventName", true)]
    [InlineData("eventName == 'sr.updated'", true)]
    [InlineData("eventName == 'sr.created'", false)]
    [InlineData("contains(eventName, 'upd')", true)]
    [InlineData("zero", true)]
    [InlineData("no", false)]
    [InlineData("!no", true)]
    [InlineData("nil", false)]
    [InlineData("absent", false)]
    [InlineData("absent.deeper[0]", false)]
    [InlineData("empty", false)]
    [InlineData("none", false)]
    [InlineData("hollow", false)]
    [InlineData("!(updates[?fieldName=='priority' && currentValue=='1'])", false)]
    [InlineData("!(updates[?fieldName=='modifiedBy' && currentValue=='svc-jira'])", true)]
    public void Where_OnAnEvent_TakesItOrFiltersIt(string where, bool takes)
    {
        var decision = Decide(Body, Route("a", where, "jira"));

        Assert.Equal(takes ? ["jira"] : [], decision.Destinations);
        Assert.Equal(takes ? Disposition.Routed : Disposition.Filtered, decision.Disposition);
        Assert.Empty(decision.Faults);
    }

    [Theory]
    [InlineData("contains(zero, 'x')", Body, "invalid-type")]
    [InlineData("join('.', updates)", Body, "invalid-type")]
    [InlineData("a", "", "The body is empty; this source takes JSON.")]
    [InlineData("a", "no JSON", "The body is not valid JSON, at line 1, byte 2.")]
    [InlineData("a", "{'a':1}", "The body is not valid JSON, at line 1, byte 2.")]
    [InlineData("a", "{\"a\":1} // 2", "The body is not valid JSON, at line 1, byte 9.")]
    public void Where_FailsOnAnEvent_LeavesItUnroutedWithTheProblem(string where, string body, string problem)
    {
        var decision = Decide(body, Route("a", where, "jira"));

        Assert.Equal(Disposition.Unrouted, decision.Disposition);
        Assert.Empty(decision.Destinations);
        Assert.Equal([new RouteFault("a", problem)], decision.Faults);
    }

    [Fact]
    public void Where_OnABodyNestedTooDeep_Fails()
    {
        var decision = Decide(new string('[', 20_000) + new string(']', 20_000), Route("a", "a", "jira"));

        Assert.Equal(Disposition.Unrouted, decision.Disposition);
        Assert.Contains("nested deeper", Assert.Single(decision.Faults).Problem, StringComparison.Ordinal);
    }

    [Fact]
    public void Where_AmongOtherRoutes_DecidesForItsOwnOnly()
    {
        RouteConfiguration[] routes =
        [
            Route("holds", "updates", "jira", "slack"),
            Route("fails", "contains(zero, 'x')", "pager"),
            Route("not", "no", "erp"),
            Route("always", null, "slack", "archive"),
        ];

        var decision = Decide(Body, routes);

        Assert.Equal(["jira", "slack", "archive"], decision.Destinations);
        Assert.Equal(Disposition.Routed, decision.Disposition);
        Assert.Equal(["fails"], decision.Faults.Select(fault => fault.Route));
        Assert.Equal(Disposition.Unrouted, Decide(Body, routes[1], routes[2]).Disposition);
        Assert.Equal(Disposition.Filtered, Decide(Body, routes[2], routes[2]).Disposition);
        Assert.Equal(Disposition.Unrouted, Decide(Body).Disposition);
    }

    [Fact]
    public void Where_DocumentGiven_IsNotParsedAgain()
    {
        var match = Match(Route("a", "eventName", "jira"));

        Assert.Equal(Disposition.Routed, match.Decide([], JmesQuery.Parse(Encoding.UTF8.GetBytes(Body))).Disposition);
    }

    [Fact]
    public void Decide_NoRouteHasAWhere_NeverLooksAtTheBodyNorAllocates()
    {
        var match = Match(Route("a", null, "jira"));

        Assert.Equal(Disposition.Routed, match.Decide("no JSON"u8, null).Disposition);
        Assert.Equal(0, Garbage.PerCall(() => match.Decide("no JSON"u8, null)));
    }

    [Fact]
    public void Where_OnAByteOrderMark_IsPassedOver() =>
        Assert.Equal(Disposition.Routed, Decide("\uFEFF" + Body, Route("a", "updates", "jira")).Disposition);

    private static RouteDecision Decide(string body, params RouteConfiguration[] routes) =>
        Match(routes).Decide(Encoding.UTF8.GetBytes(body), null);

    private static RouteMatch Match(params RouteConfiguration[] routes) => new RouteTable(routes).Match("crm", "order");

    private static RouteConfiguration Route(string name, string? where, params string[] to) =>
        new() { Name = name, Source = "crm", To = to, Where = where };
}
