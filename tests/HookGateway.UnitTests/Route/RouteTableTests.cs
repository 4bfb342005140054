using HookGateway.Configuration;
using HookGateway.Route;
using Xunit;

namespace HookGateway.UnitTests.Route;

public sealed class RouteTableTests
{
    private static readonly RouteTable Table = new(
    [
        Route("tickets", "sysaid", ["sr.created", "sr.updated"], ["slack", "jira"]),
        Route("audit", "sysaid", ["sr.*"], ["archive", "slack"]),
        Route("orders", "crm", ["*"], ["erp"]),
        Route("deleted", "sysaid", ["*.deleted", "sr.deleted"], ["jira"]),
    ]);

    [Theory]
    [InlineData("sysaid", "sr.created", "tickets,audit", "slack,jira,archive")]
    [InlineData("sysaid", "sr.deleted", "audit,deleted", "archive,slack,jira")]
    [InlineData("sysaid", "asset.deleted", "deleted", "jira")]
    [InlineData("sysaid", "asset.created", "", "")]
    [InlineData("sysaid", "SR.created", "", "")]
    [InlineData("crm", "sr.created", "orders", "erp")]
    [InlineData("Crm", "sr.created", "", "")]
    [InlineData("other", "sr.created", "", "")]
    public void Event_GoesWhereTheRoutesSay_InTheirOrderAndOnce(string source, string name, string routes, string destinations)
    {
        for (var time = 0; time < 2; time++)
        {
            var match = Table.Match(source, name);

            Assert.Equal(routes, string.Join(',', match.Routes.Select(route => route.Name)));
            Assert.Equal(destinations, string.Join(',', match.Destinations));
            Assert.Equal(routes.Length == 0, match.IsUnrouted);
        }
    }

    [Fact]
    public void Match_OfANameThatRecurs_IsRememberedWhateverTheNumberOfRoutes()
    {
        var table = new RouteTable(Enumerable.Range(0, 1000).Select(i => Route($"r{i}", "crm", [$"*.{i}"], ["erp"])));
        var first = table.Match("crm", "order.999");

        Assert.Equal(0, Garbage.PerCall(() => table.Match("crm", "order.999")));
        Assert.Same(first, table.Match("crm", "order.999"));
        Assert.Equal("r999", Assert.Single(first.Routes).Name);
    }

    [Fact]
    public void Match_OfEndlessNewNames_RemembersABoundedNumber()
    {
        var table = new RouteTable([Route("all", "crm", ["*"], ["erp"])]);

        Parallel.For(0, 50_000, i => Assert.Single(table.Match("crm", $"name {i}").Destinations));

        Assert.InRange(table.Remembered, 0, RouteTable.MaxRemembered);
    }

    [Fact]
    public void Match_OfASourceWithoutRoutes_RemembersNothing()
    {
        var table = new RouteTable([]);

        Assert.True(table.Match("crm", "a").IsUnrouted);
        Assert.Equal(0, table.Remembered);
    }

    private static RouteConfiguration Route(string name, string source, string[] events, string[] to) =>
        new() { Name = name, Source = source, Events = events, To = to };
}
