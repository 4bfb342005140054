using System.Text;
using HookGateway.Configuration;
using HookGateway.Deliver;
using HookGateway.Events;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace HookGateway.UnitTests.Deliver;

public sealed class DeliveryTemplateTests
{
    private const string Body = """
        {"eventName":"sr.created","srId":148,"price":1.50,"big":12345678901234567890123,"huge":1e999,"yes":true,"nil":null,
         "twice":"first","twice":"last","quoted":"a \"b\" <c>\n","half":"\ud800","list":[1,[2]],"object":{"a":{"b":"deep"}}}
        """;

    [Theory]
    [InlineData("{{ event }} {{ source }} {{ id }}", "sr.created sysaid 01020304-0506-0708-090a-0b0c0d0e0f10")]
    [InlineData("{{ body.eventName }} {{ body['srId'] }} {{ body.object.a.b }} {{ body.list[1][0] }}", "sr.created 148 deep 2")]
    [InlineData("{{ body.price }} {{ body.big }} {{ body.huge }} {{ body.yes }} {{ body.nil }}", "1.5 12345678901234567890123 1e999 true ")]
    [InlineData("{{ body.twice }} {{ body.list.size }}", "last 2")]
    [InlineData("{{ body.quoted | json }}", """
        "a \"b\" <c>\n"
        """)]
    [InlineData("{{ body.quoted }}", "a \"b\" <c>\n")]
    [InlineData("{{ body.object | json }}", """{"a":{"b":"deep"}}""")]
    [InlineData("{{ body.half | size }}", "8")]
    [InlineData("{{ body.nosuch.deeper }}{{ nosuch }}{{ headers.X-Y }}", "")]
    [InlineData("{{ 'now' | date: '%Y-%m-%d %H:%M' }}", "2026-01-02 03:04")]
    public void TryRender_OnAnEvent_GivesTheText(string template, string expected) => Assert.Equal(expected, Render(template, Body));

    [Theory]
    [InlineData("plain text", "plain text")]
    [InlineData("a=1&b=2", "a=1&b=2")]
    [InlineData("", "")]
    [InlineData("\uFEFF\"text\"", "text")]
    public void TryRender_BodyIsNoObject_IsItsText(string body, string expected) => Assert.Equal(expected, Render("{{ body }}", body));

    [Fact]
    public void TryRender_ContentType_IsJsonUnlessConfigured()
    {
        var plain = new TemplateConfiguration { Text = "x" };

        Assert.Equal("application/json", Try(plain, Body).Body.ContentType);
        Assert.Equal("text/plain", Try(plain with { ContentType = "text/plain" }, Body).Body.ContentType);
    }

    [Theory]
    [InlineData("{{ headers.X-Request-Id }}", "r1")]
    [InlineData("{{ headers['x-request-id'] }}", "r1")]
    [InlineData("{{ headers.X-Twice }}", "a, b")]
    [InlineData("{{ headers.X-None }}", "")]
    public void TryRender_Headers_AreFoundInAnyCaseAndJoined(string template, string expected)
    {
        var sent = Event(Body) with { Headers = [new("X-Request-Id", "r1"), new("X-Twice", "a"), new("x-twice", "b")] };

        Assert.True(new DeliveryTemplate(new TemplateConfiguration { Text = template }, new FakeTimeProvider()).TryRender(sent, out var body, out _));
        Assert.Equal(expected, Encoding.UTF8.GetString(body.Bytes.Span));
    }

    [Theory]
    [InlineData("{{ vars.priority['1'] }} {{ vars.priority[body.list[0]] }}", "Urgent Urgent")]
    [InlineData("{{ vars.priority['7'] | default: '7' }} {{ vars.nosuch['1'] | default: 'none' }} {{ vars.plain['1'] | default: 'none' }}", "7 none none")]
    [InlineData("{{ vars.priority['size'] | default: 'size' }} {{ vars['size']['1'] | default: 'none' }}", "size none")]
    [InlineData("{{ vars.priority[body.object] | default: 'none' }} {{ vars.priority[body.nil] | default: 'none' }}", "none none")]
    [InlineData("{% if vars.hide contains 'b' and vars.plain == 'text' %}{{ vars.hide | join: '+' }}{% endif %}{{ vars.priority }}", "a+b")]
    [InlineData("{% for pair in vars.priority %}{{ pair[0] }}={{ pair[1] }};{% endfor %}", "1=Urgent;2=Low;")]
    public void TryRender_Vars_AreLookedUpAndHaveAFallback(string template, string expected)
    {
        var priority = new Dictionary<string, VariableValue> { ["1"] = new VariableValue.Text("Urgent"), ["2"] = new VariableValue.Text("Low") };
        var vars = new VariableValue.Map(new Dictionary<string, VariableValue>
        {
            ["priority"] = new VariableValue.Map(priority),
            ["hide"] = new VariableValue.List(["a", "b"]),
            ["plain"] = new VariableValue.Text("text"),
        });

        var (_, rendered, problem) = Try(new TemplateConfiguration { Text = template, Vars = vars }, Body);

        Assert.Null(problem);
        Assert.Equal(expected, Encoding.UTF8.GetString(rendered.Bytes.Span));
    }

    [Theory]
    [InlineData("{{ nosuch }}")]
    [InlineData("{{ vars.nosuch }}")]
    [InlineData("{{ body.nosuch }}")]
    [InlineData("{% if body.object.nosuch %}y{% endif %}")]
    [InlineData("{{ headers.X }}")]
    public void TryRender_StrictAndTheEventHasNoSuchVariable_Fails(string template)
    {
        var (isRendered, _, problem) = Try(new TemplateConfiguration { Text = template, Strict = true }, Body);

        Assert.False(isRendered);
        Assert.Equal("the event does not have a variable that the template asks for", problem);
    }

    [Fact]
    public void TryRender_StrictAndAllThere_Renders() =>
        Assert.True(Try(new TemplateConfiguration
        {
            Text = "{% assign x = 1 %}{{ x }}{% for i in body.list %}{{ forloop.index }}{% endfor %}{{ body.object.a.b }}",
            Strict = true,
        }, Body).IsRendered);

    [Theory]
    [InlineData("{% for i in (1..1000) %}{% for j in (1..1000) %}{% endfor %}{% endfor %}", "steps")]
    [InlineData("{% assign s = 'x' %}{% for i in (1..60) %}{% assign s = s | append: s %}{% endfor %}", "keeps more than")]
    [InlineData("{% capture s %}{% for i in (1..99) %}{{ body.long }}{% endfor %}{% endcapture %}", "keeps more than")]
    [InlineData("{% for i in (1..99) %}{{ body.long }}{% endfor %}", "gives more than")]
    public void TryRender_BeyondItsLimits_FailsInTime(string template, string expected)
    {
        var body = $$"""{"long":"{{new string('x', 50_000)}}"}""";

        var (isRendered, _, problem) = Try(new TemplateConfiguration { Text = template }, body);

        Assert.False(isRendered);
        Assert.Contains(expected, problem, StringComparison.Ordinal);
        Assert.DoesNotContain("xx", problem, StringComparison.Ordinal);
    }

    [Fact]
    public void TryRender_TakesTooLong_Fails()
    {
        var time = new FakeTimeProvider { AutoAdvanceAmount = TimeSpan.FromMilliseconds(10) };
        var template = new DeliveryTemplate(
            new TemplateConfiguration { Text = "{% for i in (1..1000) %}{% assign x = i %}{% endfor %}" }, time);

        Assert.False(template.TryRender(Event(Body), out _, out var problem));
        Assert.Equal("the template took more than 1 s", problem);
    }

    [Fact]
    public void TryRender_OnManyThreads_NeverMixesEvents()
    {
        var template = new DeliveryTemplate(
            new TemplateConfiguration { Text = "{% assign n = body.n %}{% for i in (1..5) %}{{ n }},{% endfor %}" }, new FakeTimeProvider());

        Parallel.For(0, 2000, n =>
        {
            Assert.True(template.TryRender(Event($$"""{"n":{{n}}}"""), out var body, out _));
            Assert.Equal($"{n},{n},{n},{n},{n},", Encoding.UTF8.GetString(body.Bytes.Span));
        });
    }

    internal static WebhookEvent Event(string body) => new()
    {
        Id = new EventId(new Guid("01020304-0506-0708-090a-0b0c0d0e0f10")),
        Source = "sysaid",
        Name = "sr.created",
        ReceivedAt = default,
        Body = Encoding.UTF8.GetBytes(body),
        Trace = default,
    };

    internal static string Render(string template, string body)
    {
        var (_, rendered, problem) = Try(new TemplateConfiguration { Text = template }, body);
        Assert.Null(problem);
        return Encoding.UTF8.GetString(rendered.Bytes.Span);
    }

    private static (bool IsRendered, DeliveryBody Body, string? Problem) Try(TemplateConfiguration configuration, string body)
    {
        var time = new FakeTimeProvider(new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero));
        var isRendered = new DeliveryTemplate(configuration, time).TryRender(Event(body), out var rendered, out var problem);
        return (isRendered, rendered, problem);
    }
}
