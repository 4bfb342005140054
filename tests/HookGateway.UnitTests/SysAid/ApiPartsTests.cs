using System.Globalization;
using System.Net;
using System.Text.Json;
using HookGateway.Configuration;
using HookGateway.SysAid;
using Xunit;

namespace HookGateway.UnitTests.SysAid;

/// <summary>The client's parts that need no API.</summary>
public sealed class ApiPartsTests
{
    private static readonly DateTimeOffset Now = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private static readonly ApiRequests Requests = new(new ApiConfiguration
    {
        Url = new Uri("https://acme.sysaidit.com/connect/v1"),
        Account = "acme",
        ClientId = "c",
        ClientSecret = "s",
        Routes = new ApiRoutes { Webhook = "/v2/hooks/{id}/x" },
    });

    [Theory]
    [InlineData("1751280965889", "2025-06-30T10:56:05.889Z")]
    [InlineData("\"1751280965889\"", "2025-06-30T10:56:05.889Z")]
    [InlineData("-1", "1969-12-31T23:59:59.999Z")]
    [InlineData("\"2025-06-30T10:56:05.889Z\"", "2025-06-30T10:56:05.889Z")]
    [InlineData("\"2025-06-30T12:56:05+02:00\"", "2025-06-30T10:56:05.000Z")]
    [InlineData("\"2025-06-30T10:56:05\"", "2025-06-30T10:56:05.000Z")]
    [InlineData("\"30.06.2025 10:56:05\"", null)]
    [InlineData("\"6/30/2025\"", null)]
    [InlineData("\"2025-13-30T10:56:05Z\"", null)]
    [InlineData("\"\"", null)]
    [InlineData("9223372036854775807", null)]
    [InlineData("1e400", null)]
    [InlineData("1.5", null)]
    [InlineData("null", null)]
    [InlineData("true", null)]
    [InlineData("{}", null)]
    public void Time_AsSysAidWritesIt_IsRead(string json, string? time) => Assert.Equal(
        time, ApiTime.Read(JsonElement.Parse(json))?.ToString("yyyy-MM-ddTHH:mm:ss.fffZ", CultureInfo.InvariantCulture));

    [Theory]
    [InlineData("7", 7.0)]
    [InlineData("0", 0.0)]
    [InlineData("299.5", 299.5)]
    [InlineData("1767225607", 7.0)]
    [InlineData("1767225607500", 7.5)]
    [InlineData("1767225000", 0.0)]
    [InlineData("-7", 0.0)]
    [InlineData("1e300", 86400.0)]
    [InlineData("NaN", null)]
    [InlineData("soon", null)]
    [InlineData(null, null)]
    public void RateLimit_ResetInEitherReading_IsTheWait(string? reset, double? seconds)
    {
        using var response = Response(("X-RateLimit-Limit", "1000"), ("X-RateLimit-Remaining", "3"), ("X-RateLimit-Reset", reset));

        var headers = RateLimitHeaders.Of(response, Now)!.Value;

        Assert.Equal((1000, 3, seconds), (headers.Limit, headers.Remaining, headers.Reset?.TotalSeconds));
    }

    [Fact]
    public void RateLimit_ResetAsADate_IsMeasuredByTheAnswersOwnClock()
    {
        using var response = Response(("X-RateLimit-Remaining", "3"), ("X-RateLimit-Reset", "1767229260"));
        response.Headers.Date = Now.AddHours(1);

        Assert.Equal(TimeSpan.FromMinutes(1), RateLimitHeaders.Of(response, Now)!.Value.Reset);
    }

    [Theory]
    [InlineData(null, null)]
    [InlineData("many", null)]
    [InlineData("-1", 0)]
    [InlineData("1e300", int.MaxValue)]
    public void RateLimit_Remaining_DecidesWhetherAnythingIsTold(string? remaining, int? left)
    {
        using var response = Response(("X-RateLimit-Limit", "0"), ("X-RateLimit-Remaining", remaining), ("X-RateLimit-Reset", "7"));

        var headers = RateLimitHeaders.Of(response, Now);

        Assert.Equal((left, null), (headers?.Remaining, headers?.Limit));
    }

    [Theory]
    [InlineData("7", "/connect/v1/v2/hooks/7/x")]
    [InlineData("a/b?c#d", "/connect/v1/v2/hooks/a%2Fb%3Fc%23d/x")]
    [InlineData("../..", "/connect/v1/v2/hooks/..%2F../x")]
    public void Request_OfAnId_StaysUnderItsRoute(string id, string path) => Assert.Equal(path, Requests.Unsubscribe(id).Url.PathAndQuery);

    [Theory]
    [InlineData("")]
    [InlineData(".")]
    [InlineData("..")]
    [InlineData("a\nb")]
    public void Request_OfWhatIsNoId_IsRefused(string id) => Assert.Throws<ArgumentException>(() => Requests.Get(id));

    [Theory]
    [InlineData(0, 0)]
    [InlineData(501, 0)]
    [InlineData(1, -1)]
    public void Request_OfNoPage_IsRefused(int limit, int offset) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => Requests.SearchRecords(limit, offset));

    [Fact]
    public void Secrets_InAnAnswer_AreFoundByTheNamesOfTheirFieldsAndMasked()
    {
        var json = JsonElement.Parse(
            """{"id":7,"signingSecret":"a","data":{"accessToken":{"value":"b"},"API_KEY":["c",1],"keyed":true,"secret":"","x":"secret"}}""");
        var found = new List<KeyValuePair<string, string>>();

        var masked = SecretFields.Masked(json, isIndented: false, found);

        Assert.Equal(
            """{"id":7,"signingSecret":"***","data":{"accessToken":{"value":"***"},"API_KEY":["***","***"],"keyed":true,"secret":"","x":"secret"}}""",
            masked);
        Assert.Equal(
            [new("signingSecret", "a"), new("data.accessToken.value", "b"), new("data.API_KEY[0]", "c"), new("data.API_KEY[1]", "1")], found);
    }

    private static HttpResponseMessage Response(params (string Name, string? Value)[] headers)
    {
        var response = new HttpResponseMessage(HttpStatusCode.OK);
        foreach (var (name, value) in headers)
        {
            if (value is not null)
                response.Headers.TryAddWithoutValidation(name, value);
        }

        return response;
    }
}
