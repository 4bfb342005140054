using System.Text.Json;
using HookGateway.Edge;
using HookGateway.Events;
using HookGateway.Pipeline;
using Microsoft.AspNetCore.Http;
using Xunit;

namespace HookGateway.UnitTests.Edge;

public sealed class IngestAnswerTests
{
    private static readonly EventId Id = new(Guid.Parse("0198c0de-0000-7000-8000-000000000001"));

    public static TheoryData<string, int> Answers => new()
    {
        { nameof(IngestResult.Accepted), 202 },
        { nameof(IngestResult.Duplicate), 200 },
        { nameof(IngestResult.Captured), 202 },
        { nameof(IngestResult.Rejected), 401 },
        { nameof(IngestResult.Malformed), 400 },
        { nameof(IngestResult.UnsupportedMediaType), 415 },
        { nameof(IngestResult.NoSuchSource), 404 },
        { nameof(IngestResult.MethodNotAllowed), 405 },
        { nameof(IngestResult.TooLarge), 413 },
        { nameof(IngestResult.TooSlow), 408 },
        { nameof(IngestResult.TooMany), 429 },
        { nameof(IngestResult.Unavailable), 503 },
        { nameof(IngestResult.Unreachable), 502 },
        { nameof(IngestResult.Unanswered), 504 },
        { nameof(IngestResult.Parked), 503 },
    };

    [Theory]
    [MemberData(nameof(Answers))]
    public async Task WriteAsync_EveryResult_HasItsStatusAndBody(string kind, int status)
    {
        var (context, body) = await AnswerAsync(Result(kind));

        Assert.Equal(status, context.Response.StatusCode);
        Assert.Equal(status >= 400 ? "application/problem+json" : "application/json", context.Response.ContentType);
        Assert.Equal(status is 429 or 503, context.Response.Headers.RetryAfter.Count == 1);
        Assert.Equal(status == 401, context.Response.Headers.WWWAuthenticate.Count == 1);
        Assert.Equal(status == 405 ? "POST" : "", context.Response.Headers.Allow.ToString());
        if (status >= 400)
            Assert.Equal(status, body.GetProperty("status").GetInt32());
        else if (kind == nameof(IngestResult.Captured))
            Assert.Equal("{\"status\": \"captured\"}", body.GetRawText());
        else
            Assert.Equal(Id.ToString(), body.GetProperty("id").GetString());
    }

    [Fact]
    public void Answers_EveryKindOfResult_IsListed() => Assert.Equal(
        typeof(IngestResult).GetNestedTypes().Select(type => type.Name).Order(),
        Answers.Select(row => row.Data.Item1).Concat([nameof(IngestResult.PassOn), nameof(IngestResult.Proxied), nameof(IngestResult.Gone)]).Order());

    [Fact]
    public async Task WriteAsync_Proxied_LeavesTheAnswerAsItIs()
    {
        var context = new DefaultHttpContext();
        context.Response.StatusCode = 418;

        await IngestAnswer.WriteAsync(context.Response, new IngestResult.Proxied(Id));

        Assert.Equal((418, 0), (context.Response.StatusCode, context.Response.Headers.Count));
    }

    [Theory]
    [InlineData(0, "1")]
    [InlineData(29.1, "30")]
    public async Task WriteAsync_Parked_SaysForHowManyWholeSeconds(double seconds, string retryAfter)
    {
        var (context, _) = await AnswerAsync(new IngestResult.Parked(TimeSpan.FromSeconds(seconds)));

        Assert.Equal(retryAfter, context.Response.Headers.RetryAfter.ToString());
    }

    [Fact]
    public async Task WriteAsync_RejectedOrUnavailable_DoesNotTellWhy()
    {
        foreach (var result in new IngestResult[] { new IngestResult.Rejected("why-not"), new IngestResult.Unavailable("why-not") })
            Assert.DoesNotContain("why-not", (await AnswerAsync(result)).Body.GetRawText(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(204)]
    [InlineData(205)]
    public async Task WriteAsync_StatusThatHasNoBody_GetsNone(int status)
    {
        var context = new DefaultHttpContext();
        using var written = new MemoryStream();
        context.Response.Body = written;

        await IngestAnswer.WriteAsync(context.Response, new IngestResult.Accepted(Id, status));

        await context.Response.BodyWriter.FlushAsync(TestContext.Current.CancellationToken);
        Assert.Equal((status, 0, null), (context.Response.StatusCode, written.Length, context.Response.ContentLength));
    }

    [Theory]
    [InlineData("HTTP/1.1", "close")]
    [InlineData("HTTP/2", "")]
    public async Task WriteAsync_TooSlow_EndsTheConnectionOnlyWhereItServesOneRequest(string protocol, string connection)
    {
        var context = new DefaultHttpContext();
        context.Request.Protocol = protocol;

        await IngestAnswer.WriteAsync(context.Response, new IngestResult.TooSlow());

        Assert.Equal(connection, context.Response.Headers.Connection.ToString());
    }

    [Fact]
    public async Task WriteAsync_ProblemWithQuotes_StaysJson()
    {
        var (_, body) = await AnswerAsync(new IngestResult.Malformed("not \"JSON\"\n"));

        Assert.Equal("not \"JSON\"\n", body.GetProperty("detail").GetString());
    }

    private static IngestResult Result(string kind) => kind switch
    {
        nameof(IngestResult.Accepted) => new IngestResult.Accepted(Id, 202),
        nameof(IngestResult.Duplicate) => new IngestResult.Duplicate(Id),
        nameof(IngestResult.Captured) => new IngestResult.Captured("capture/crm.http", 202),
        nameof(IngestResult.Rejected) => new IngestResult.Rejected("wrong_signature"),
        nameof(IngestResult.Malformed) => new IngestResult.Malformed("no JSON"),
        nameof(IngestResult.UnsupportedMediaType) => new IngestResult.UnsupportedMediaType("gzip"),
        nameof(IngestResult.NoSuchSource) => new IngestResult.NoSuchSource(),
        nameof(IngestResult.MethodNotAllowed) => new IngestResult.MethodNotAllowed(),
        nameof(IngestResult.TooLarge) => new IngestResult.TooLarge(10),
        nameof(IngestResult.TooSlow) => new IngestResult.TooSlow(),
        nameof(IngestResult.TooMany) => new IngestResult.TooMany(),
        nameof(IngestResult.Unavailable) => new IngestResult.Unavailable("disk full"),
        nameof(IngestResult.Unreachable) => new IngestResult.Unreachable(),
        nameof(IngestResult.Unanswered) => new IngestResult.Unanswered(),
        nameof(IngestResult.Parked) => new IngestResult.Parked(TimeSpan.FromSeconds(30)),
        _ => throw new ArgumentOutOfRangeException(nameof(kind)),
    };

    private static async Task<(HttpContext Context, JsonElement Body)> AnswerAsync(IngestResult result)
    {
        var context = new DefaultHttpContext();
        using var written = new MemoryStream();
        context.Response.Body = written;
        await IngestAnswer.WriteAsync(context.Response, result);
        await context.Response.BodyWriter.FlushAsync(TestContext.Current.CancellationToken);
        return (context, JsonElement.Parse(written.ToArray()));
    }
}
