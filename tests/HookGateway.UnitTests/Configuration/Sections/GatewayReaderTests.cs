using HookGateway.Configuration;
using HookGateway.Testing;
using Xunit;

namespace HookGateway.UnitTests.Configuration.Sections;

/// <summary>What holds between sections: names, paths, routes.</summary>
public sealed class GatewayReaderTests
{
    private const string Sources = "sources: { crm: { verify: none, event: type } }\n";
    private const string Destinations = "destinations: { jira: { url: \"http://a\" }, slack: { url: \"http://b\" } }\n";

    [Fact]
    public void Route_EverythingGiven_IsRead()
    {
        var routes = Given.Configuration(Sources + Destinations + """
            routes:
              - { name: tickets, source: crm, events: [sr.created, "sr.*"], to: [slack, jira] }
              - { source: crm, events: sr.*, to: slack, where: "updates[?fieldName=='priority' && currentValue=='1']" }
            """).Routes;

        Assert.Equal(["tickets", "route-2"], routes.Select(route => route.Name));
        Assert.Equal(["sr.created", "sr.*"], routes[0].Events);
        Assert.Equal(["slack", "jira"], routes[0].To);
        Assert.Equal(["sr.*"], routes[1].Events);
        Assert.Equal(["slack"], routes[1].To);
        Assert.Null(routes[0].Where);
        Assert.Equal("updates[?fieldName=='priority' && currentValue=='1']", routes[1].Where);
    }

    [Theory]
    [InlineData("routes: { source: crm }", "3:9: routes: expected a list")]
    [InlineData("routes: [crm]", "3:10: routes[0]: expected a mapping")]
    [InlineData("routes: [{ to: jira }]", "3:10: routes[0]: needs source: the name of a source")]
    [InlineData("routes: [{ source: crm }]", "3:10: routes[0]: needs to: the name of a destination")]
    [InlineData("routes: [{ source: crm, to: [] }]", "3:29: routes[0].to: needs at least one: the name of a destination")]
    [InlineData("routes: [{ source: crm, to: jria }]", "3:29: routes[0].to: expected the name of a destination, not 'jria'; did you mean 'jira'?")]
    [InlineData("routes: [{ source: crm, to: [jira, pager] }]", "3:36: routes[0].to: expected the name of a destination, not 'pager'; known: jira, slack")]
    [InlineData("routes: [{ source: CRM, to: jira }]", "3:20: routes[0].source: expected the name of a source, not 'CRM'; did you mean 'crm'?")]
    [InlineData("routes: [{ source: crm, to: jira, events: [] }]", "3:43: routes[0].events: needs at least one: an event's name, in which * stands for any characters")]
    [InlineData("routes: [{ source: crm, to: jira, events: [\"\"] }]", "3:44: routes[0].events: expected an event's name, in which * stands for any characters")]
    [InlineData("routes: [{ source: crm, to: jira, where: \"${SECRET} ==\" }]", "3:42: routes[0].where: expected a JMESPath expression on the body, not '${SECRET} =='")]
    [InlineData("routes: [{ source: crm, to: jira, where: \"\" }]", "3:42: routes[0].where: expected a JMESPath expression on the body")]
    [InlineData("routes: [{ source: crm, to: jira, where: [a] }]", "3:42: routes[0].where: expected a JMESPath expression on the body, not a list")]
    [InlineData("routes: [{ source: crm, to: jira, mode: sync }]", "3:41: routes[0].mode: expected one of deliver, proxy, not 'sync'")]
    [InlineData("routes: [{ source: crm, to: jira, dedupe: true }]", "3:43: routes[0].dedupe: is for mode: proxy; what is stored is deduplicated as the source's dedupe says")]
    [InlineData("routes: [{ source: crm, to: jira, mode: deliver, dedupe: false }]", "3:58: routes[0].dedupe: is for mode: proxy; what is stored is deduplicated as the source's dedupe says")]
    [InlineData("routes: [{ source: crm, to: jira, mode: proxy, dedupe: 1h }]", "3:56: routes[0].dedupe: expected one of true, false, not '1h'")]
    [InlineData("routes: [{ source: crm, to: [jira, slack], mode: proxy }]", "3:29: routes[0].to: mode: proxy takes one destination: the caller gets its answer")]
    [InlineData("routes: [{ source: crm, to: jira, mode: proxy, name: a }, { source: crm, to: slack, mode: proxy }]", "3:59: routes[1].events: route 'a' takes some of these before it, and one mode: proxy route can take an event")]
    [InlineData("routes: [{ source: crm, to: jira, mode: proxy, events: [\"a.*\"] }, { source: crm, to: slack, mode: proxy, where: a, events: [\"b\", \"*.b\"] }]", "3:124: routes[1].events: route 'route-1' takes some of these before it, and one mode: proxy route can take an event")]
    [InlineData("routes: [{ name: a, source: crm, to: jira }, { name: a, source: crm, to: jira }]", "3:54: routes[1].name: another route has this name")]
    public void Route_Wrong_IsOneFaultAtItsPlace(string routes, string fault) =>
        Assert.Equal([fault], Given.Faults(Sources + Destinations + routes));

    [Theory]
    [InlineData("log: {}", "1:1: needs sources: at least one")]
    [InlineData("sources: {}", "1:1: needs sources: at least one")]
    [InlineData("sources: [crm]", "1:10: sources: expected a mapping")]
    [InlineData("sources: { crm: none }", "1:17: sources.crm: expected a mapping")]
    [InlineData("sources: { \"a b\": { verify: none, event: type } }", "1:12: sources: 'a b' is no name: letters, digits, - and _, 64 at most")]
    [InlineData("sources: { HookGateway: { verify: none, event: type } }", "1:12: sources.HookGateway: the name is the gateway's own")]
    [InlineData("sources: { a: { verify: none, event: t, path: /x }, b: { verify: none, event: t, path: /X } }", "1:88: sources.b.path: source 'a' has the same path")]
    [InlineData("sources: { a: { verify: none, event: t, path: /hooks/b }, b: { verify: none, event: t } }", "1:59: sources.b.path: source 'a' has the same path")]
    [InlineData(Sources + "destinations: { jira: { url: \"http://a\" }, JIRA: { url: \"http://a\" } }", "2:44: destinations.JIRA: differs from 'jira' only in the case of its letters")]
    [InlineData(Sources + "destinations: { \"\": { url: \"http://a\" } }", "2:17: destinations: '' is no name: letters, digits, - and _, 64 at most")]
    public void Names_WrongOrTaken_AreOneFaultAtTheirPlace(string yaml, string fault) => Assert.Equal([fault], Given.Faults(yaml));

    [Fact]
    public void Faults_OfInterpolatedValues_NeverShowWhatWasPutIn()
    {
        var faults = Given.Faults("""
            listen: { https: { certificate: "${SECRET}.crt", key: "${SECRET}.key" }, publicUrl: "http://x/?${SECRET}" }
            telemetry: { otlp: { endpoint: "${SECRET}", protocol: "${SECRET}" } }
            sources:
              a: { verify: none, event: "${SECRET}", path: "/${SECRET}", preset: "${SECRET}" }
              b: { verify: none, event: x, path: "/${SECRET}" }
              c: { verify: { hmac: { header: X, format: "{${SECRET}}", content: "{${SECRET}}" } }, event: x, secrets: x }
            destinations:
              jira: { url: "${SECRET}", timeout: "${SECRET}", headers: { X-A: "${SECRET}ä" } }
            routes:
              - { name: "${SECRET}", source: "${SECRET}", to: "${SECRET}" }
              - { name: "${SECRET}", source: a, to: jira }
            """);

        Assert.Equal(15, faults.Count);
        Assert.DoesNotContain(faults, fault => fault.Contains("top-secret", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("a ==")]
    [InlineData("updates[?fieldName")]
    [InlineData("header:X-Priority")]
    [InlineData("nosuch(a)")]
    public void Where_NoJmesPath_IsAFaultAtItsPlaceThatSaysWhy(string where)
    {
        var fault = Assert.Single(Given.Faults(Sources + Destinations + $$"""routes: [{ source: crm, to: jira, where: "{{where}}" }]"""));

        Assert.Matches(@"^3:42: routes\[0\]\.where: expected a JMESPath expression on the body, not '.+' \(.+\)$", fault);
    }

    [Theory]
    [InlineData("{ source: crm, to: jira, mode: proxy, where: a }, { source: crm, to: slack, mode: proxy }")]
    [InlineData("{ source: crm, to: jira, mode: proxy, events: a }, { source: crm, to: slack, mode: proxy, events: [b, \"A*\"] }")]
    [InlineData("{ source: crm, to: jira, mode: proxy }, { source: crm, to: slack, mode: deliver }, { source: crm, to: slack }")]
    public void ProxyRoutes_WithoutAnEventInCommonThatCanBeSeen_AreRead(string routes) =>
        Assert.Equal("proxy", Given.Configuration(Sources + Destinations + $"routes: [{routes}]").Routes[0].IsProxy ? "proxy" : "deliver");

    [Fact]
    public void ProxyRoute_DedupesOnlyWhereItSaysSo() => Assert.Equal(
        [true, false, false, false],
        Given.Configuration(Sources + Destinations + """
            routes:
              - { source: crm, to: jira, mode: proxy, events: a, dedupe: true }
              - { source: crm, to: jira, mode: proxy, events: b, dedupe: false }
              - { source: crm, to: jira, mode: proxy, events: c }
              - { source: crm, to: jira }
            """).Routes.Select(route => route.Dedupes));

    [Theory]
    [InlineData("rateLimit: 5/s", "4:16: destinations.jira.rateLimit: a route with mode: proxy does not wait: name a destination of its own without rateLimit")]
    [InlineData("order: true", "4:12: destinations.jira.order: a route with mode: proxy does not wait: name a destination of its own without order")]
    [InlineData("template: a.liquid", "4:15: destinations.jira.template: a route with mode: proxy passes the body on unchanged: name a destination of its own without template")]
    public void Destination_ShapingWhatIsPassedOn_IsAFaultAtItsPlace(string line, string fault)
    {
        using var files = new TemporaryDirectory();
        files.Write("a.liquid", "x");
        var yaml = Given.Destination("url: http://jira.example\n" + line).Replace("to: jira", "to: jira, mode: proxy", StringComparison.Ordinal);

        var result = ConfigurationLoader.Load(files.Write("g.yaml", yaml), Given.Environment);

        Assert.Contains(fault, Assert.IsType<ConfigurationResult.Invalid>(result).Faults.Select(found => $"{found.Line}:{found.Column}: {found.Message}"));
    }

    [Fact]
    public void Source_WithoutARoute_IsAWarning() =>
        Assert.Contains(
            "1:12: sources.crm: no route names this source: its events are stored and go nowhere",
            Given.Warnings(Sources + Destinations));
}
