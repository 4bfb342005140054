using HookGateway.Configuration;
using Xunit;

namespace HookGateway.UnitTests.Configuration.Sections;

public sealed class DestinationReaderTests
{
    private const string Url = "url: https://jira.example/hooks\n";

    [Fact]
    public void Destination_EverythingGiven_IsRead()
    {
        var destination = Assert.Single(Given.Configuration(Given.Destination("""
            url: "https://jira.example/hooks?key=${SECRET}"
            timeout: 2.5s
            concurrency: 3
            rateLimit: 300/m
            retry: { attempts: 5, first: 1s, factor: 2, max: 1m, jitter: 0, maxAge: 2d, giveUpOn: [404, 410-499, 3xx] }
            breaker: { failures: 0.2, minimum: 2, window: 10s, pause: 500ms }
            headers: { Authorization: "Bearer ${SECRET}", X-Team: hooks, X-Unset: ~ }
            """)).Destinations);

        Assert.Equal("https://jira.example/hooks?key=top-secret", destination.Url.AbsoluteUri);
        Assert.Equal((2.5, 3), (destination.Timeout.TotalSeconds, destination.Concurrency));
        Assert.Equal(new RateLimitConfiguration(300, TimeSpan.FromMinutes(1)), destination.RateLimit);
        var retry = destination.Retry;
        Assert.Equal((5, 1, 2, 60, 0), (retry.Attempts, retry.First.TotalSeconds, retry.Factor, retry.Max.TotalSeconds, retry.Jitter));
        Assert.Equal(TimeSpan.FromDays(2), retry.MaxAge);
        Assert.Equal([new(404, 404), new(410, 499), new(300, 399)], retry.GiveUpOn);
        var breaker = destination.Breaker;
        Assert.Equal((0.2, 2, 10, 0.5), (breaker.Failures, breaker.Minimum, breaker.Window.TotalSeconds, breaker.Pause.TotalSeconds));
        Assert.Equal([new("Authorization", "Bearer top-secret"), new("X-Team", "hooks")], destination.Headers);
    }

    [Fact]
    public void GiveUpOn_Empty_IsNever() =>
        Assert.Empty(Given.Configuration(Given.Destination(Url + "retry: { giveUpOn: [] }")).Destinations[0].Retry.GiveUpOn);

    [Fact]
    public void Retry_NothingGiven_HasNoAgeAndGivesUpOnGone()
    {
        var retry = Given.Configuration(Given.Destination(Url)).Destinations[0].Retry;

        Assert.Null(retry.MaxAge);
        Assert.Equal([new(410, 410)], retry.GiveUpOn);
    }

    [Theory]
    [InlineData("410", true)]
    [InlineData("4xx", false)]
    [InlineData("429", false)]
    [InlineData("500-503", false)]
    public void GiveUpOn_StatusOfABusyDestination_IsAWarning(string statuses, bool isQuiet) =>
        Assert.Equal(isQuiet, Given.Warnings(Given.Destination(Url + $"retry: {{ giveUpOn: {statuses} }}")).All(
            warning => !warning.Contains("giveUpOn", StringComparison.Ordinal)));

    [Theory]
    [InlineData("timeout: 9ms", "4:14: destinations.jira.timeout: expected a duration from 10ms to 1h, such as 500ms, 10s, 5m, 24h or 7d, not '9ms'")]
    [InlineData("concurrency: 1025", "4:18: destinations.jira.concurrency: expected a whole number from 1 to 1024, not '1025'")]
    [InlineData("rateLimit: 50", "4:16: destinations.jira.rateLimit: expected a rate from 1 to 1000000 a second, minute or hour, such as 50/s, 300/m or 10000/h, not '50'")]
    [InlineData("retry: { attempts: 0 }", "4:24: destinations.jira.retry.attempts: expected a whole number from 1 to 1000, not '0'")]
    [InlineData("retry: { factor: 0.5 }", "4:22: destinations.jira.retry.factor: expected a number from 1 to 1000, not '0.5'")]
    [InlineData("retry: { jitter: 2 }", "4:22: destinations.jira.retry.jitter: expected a number from 0 to 1, not '2'")]
    [InlineData("retry: { first: 1m, max: 30s }", "4:30: destinations.jira.retry.max: shorter than the first wait")]
    [InlineData("retry: { giveUpOn: [200] }", "4:25: destinations.jira.retry.giveUpOn: expected a status from 300 to 599, several such as 400-404, or a class such as 4xx, not '200'")]
    [InlineData("retry: { maxAge: 0s }", "4:22: destinations.jira.retry.maxAge: expected a duration from 1s to 365d, such as 500ms, 10s, 5m, 24h or 7d, not '0s'")]
    [InlineData("breaker: { failures: 0 }", "4:26: destinations.jira.breaker.failures: expected a number from 0.001 to 1, not '0'")]
    [InlineData("breaker: { minimum: 1 }", "4:25: destinations.jira.breaker.minimum: expected a whole number from 2 to 1000000, not '1'")]
    [InlineData("breaker: { window: 499ms }", "4:24: destinations.jira.breaker.window: expected a duration from 500ms to 1d, such as 500ms, 10s, 5m, 24h or 7d, not '499ms'")]
    [InlineData("breaker: { pause: 2d }", "4:23: destinations.jira.breaker.pause: expected a duration from 500ms to 1d, such as 500ms, 10s, 5m, 24h or 7d, not '2d'")]
    [InlineData("headers: { host: x }", "4:16: destinations.jira.headers: host belongs to the connection and cannot be set")]
    [InlineData("headers: { Content-Length: 1 }", "4:16: destinations.jira.headers: Content-Length belongs to the connection and cannot be set")]
    [InlineData("headers: { \"X Y\": x }", "4:16: destinations.jira.headers: 'X Y' is not the name of a header")]
    [InlineData("headers: { X-A: x, x-a: y }", "4:24: destinations.jira.headers: x-a stands here twice: the case of a header's name does not matter")]
    [InlineData("headers: { X-A: \"s3cret\\r\\nX-B: x\" }", "4:21: destinations.jira.headers.X-A: expected ASCII text without control characters")]
    [InlineData("headers: { X-A: \"${NONE}\" }", "4:21: destinations.jira.headers.X-A: the environment variable NONE is not set or empty; ${NONE:-default} gives a default")]
    [InlineData("template: no-such.liquid", "4:15: destinations.jira.template: the file does not exist")]
    [InlineData("template: { file: no-such.liquid }", "4:23: destinations.jira.template.file: the file does not exist")]
    [InlineData("template: { strict: true }", "4:5: destinations.jira.template: needs file: a Liquid file")]
    [InlineData("sign: { secrets: [x] }", "4:5: destinations.jira.sign: not supported by this version")]
    [InlineData("time: 5s", "4:5: destinations.jira: unknown key 'time'; known: breaker, concurrency, headers, rateLimit, retry, template, timeout, url")]
    public void Destination_Wrong_IsOneFaultAtItsPlace(string line, string fault) => Assert.Equal([fault], Given.Faults(Given.Destination(Url + line)));

    [Theory]
    [InlineData("timeout: 5s", "2:3: destinations.jira: needs url: an absolute http or https URL without user name and fragment")]
    [InlineData("url: /hooks", "3:10: destinations.jira.url: expected an absolute http or https URL without user name and fragment")]
    [InlineData("url: https://me:s3cret@jira.example", "3:10: destinations.jira.url: expected an absolute http or https URL without user name and fragment")]
    [InlineData("url: \"https://jira.example/#s3cret\"", "3:10: destinations.jira.url: expected an absolute http or https URL without user name and fragment")]
    public void Url_MissingOrNone_IsAFaultWithoutIt(string line, string fault) => Assert.Equal([fault], Given.Faults(Given.Destination(line)));
}
