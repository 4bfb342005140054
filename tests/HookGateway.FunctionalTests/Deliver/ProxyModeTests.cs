using System.Net;
using System.Net.Sockets;
using System.Text;
using HookGateway.Testing;
using HookGateway.Testing.Downstream;
using HookGateway.Testing.Senders;
using HookGateway.Testing.Telemetry;
using Xunit;

namespace HookGateway.FunctionalTests.Deliver;

/// <summary><c>mode: proxy</c>, over real sockets on both sides.</summary>
public sealed class ProxyModeTests(ProxyingGateway fixture) : IClassFixture<ProxyingGateway>
{
    private static int _records;

    private readonly int _record = Interlocked.Increment(ref _records);

    [Fact]
    public async Task Request_PassedOn_ArrivesUnchangedAndIsAnsweredWhatTheDestinationAnswers()
    {
        fixture.Live.AnswerWith(_ => new Answer.Responding(418)
        {
            Headers = new Dictionary<string, string> { ["X-Own"] = "yes", ["Set-Cookie"] = "a=b", ["Content-Type"] = "text/tea" },
            Body = "short and stout"u8.ToArray(),
        });
        var body = To("live");

        var answer = await fixture.Sender.SendAsync(
            body, ("X-Request-Id", "r1"), ("Accept", "text/tea"), ("Accept-Language", "en"), ("Cookie", "c=d"),
            ("Authorization", "Bearer of-the-sender"), ("X-Other", "no"), ("Upgrade", "websocket"), ("Connection", "Upgrade"));

        Assert.Equal((418, "short and stout"), (answer.Status, answer.Body));
        Assert.Equal(("yes", "a=b", "text/tea"), (answer.Headers["X-Own"], answer.Headers["Set-Cookie"], answer.Headers["Content-Type"]));
        var arrival = Assert.Single(Arrivals(body));
        Assert.Equal(("POST", "/hooks/live?in-the-url=1"), (arrival.Method, arrival.Path));
        Assert.Equal(("application/json", $"{body.Length}"), (arrival.Header("Content-Type"), arrival.Header("Content-Length")));
        Assert.Equal(("sr.updated", "sysaid", "1"), (arrival.Header("X-HookGateway-Event"), arrival.Header("X-HookGateway-Source"), arrival.Header("X-HookGateway-Attempt")));
        Assert.Equal(("r1", "text/tea", "de", "1"), (arrival.Header("X-Request-Id"), arrival.Header("Accept"), arrival.Header("Accept-Language"), arrival.Header("X-Of-Destination")));
        Assert.Equal("Bearer of-the-gateway", arrival.Header("Authorization"));
        Assert.StartsWith("v1,", arrival.Header("webhook-signature"), StringComparison.Ordinal);
        Assert.All(["Cookie", "X-Other", "Upgrade", SysAidSender.SignatureHeader], name => Assert.Null(arrival.Header(name)));
    }

    [Fact]
    public async Task Redirect_OfTheDestination_IsPassedBackAndNotFollowed()
    {
        fixture.Live.AnswerWith(_ => new Answer.Responding(307) { Headers = new Dictionary<string, string> { ["Location"] = "/elsewhere" } });
        var body = To("live");

        var answer = await fixture.Sender.SendAsync(body);

        Assert.Equal((307, "/elsewhere"), (answer.Status, answer.Headers["Location"]));
        Assert.Single(Arrivals(body));
    }

    [Fact]
    public async Task Answer_StillBeingSent_IsReadFromItsFirstBytesOn()
    {
        var rest = new TaskCompletionSource();
        fixture.Raw = async (socket, cancel) =>
        {
            await ReadRequestAsync(socket, cancel);
            await RawDownstream.SendAsync(socket, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nfirst\r\n", cancel);
            await rest.Task.WaitAsync(cancel);
            await RawDownstream.SendAsync(socket, "4\r\nlast\r\n0\r\n\r\n", cancel);
        };

        using var answer = await StreamAsync(To("raw"));
        await using var stream = await answer.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken);
        var first = new byte[5];
        await stream.ReadExactlyAsync(first, TestContext.Current.CancellationToken).AsTask().WaitAsync(Wait.DefaultLimit, TestContext.Current.CancellationToken);
        Assert.False(rest.Task.IsCompleted);
        rest.SetResult();
        using var reader = new StreamReader(stream);

        Assert.Equal(("first", "last"), (Encoding.ASCII.GetString(first), await reader.ReadToEndAsync(TestContext.Current.CancellationToken)));
    }

    [Fact]
    public async Task Answer_ThatBreaksOff_BreaksOffAtTheCallerToo()
    {
        fixture.Raw = async (socket, cancel) =>
        {
            await ReadRequestAsync(socket, cancel);
            await RawDownstream.SendAsync(socket, "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nfirst", cancel);
        };

        using var answer = await StreamAsync(To("raw"));

        await Assert.ThrowsAsync<HttpRequestException>(() => answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        await Wait.UntilAsync(() => fixture.Gateway.Output.Contains("the answer 200 broke off", StringComparison.Ordinal), "the log");
    }

    [Theory]
    [InlineData("HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n")]
    [InlineData("no HTTP\r\n\r\n")]
    [InlineData("")]
    public async Task Destination_AnswersNothingOfUse_IsABadGateway(string said)
    {
        fixture.Raw = async (socket, cancel) =>
        {
            await ReadRequestAsync(socket, cancel);
            await RawDownstream.SendAsync(socket, said, cancel);
        };

        AssertProblem(502, "The destination could not be reached.", await fixture.Sender.SendAsync(To("raw")));
    }

    [Theory]
    [InlineData("refused", "no connection: ConnectionRefused")]
    [InlineData("denied", "no connection: the address 127.0.0.9 is denied by egress")]
    public async Task Destination_CannotBeReached_IsABadGatewayAndTheLogSaysWhy(string destination, string why)
    {
        AssertProblem(502, "The destination could not be reached.", await fixture.Sender.SendAsync(To(destination)));

        await Wait.UntilAsync(
            () => fixture.Gateway.Output.Contains($"(sr.updated) not passed on to {destination}: Connect, {why}", StringComparison.Ordinal), "the log");
        Assert.DoesNotContain("in-the-url", fixture.Gateway.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Destination_DoesNotAnswerInTime_IsAGatewayTimeout()
    {
        fixture.Ill.AnswerWith(_ => Answer.Hang);

        AssertProblem(504, "The destination did not answer in time.", await fixture.Sender.SendAsync(To("slow")));
    }

    [Fact]
    public async Task Destination_TakesNoMoreAtOnce_TheCallerIsTooMany()
    {
        var gate = new TaskCompletionSource();
        fixture.Ill.AnswerWith(arrival => arrival.Path.EndsWith("/narrow", StringComparison.Ordinal) ? Answer.When(gate.Task) : Answer.Hang);
        var before = fixture.Ill.Arrivals.Count;
        var first = fixture.Sender.SendAsync(To("narrow"));
        await fixture.Ill.WaitForAsync(before + 1);

        AssertProblem(429, "Too many requests are under way.", await fixture.Sender.SendAsync(To("narrow")));
        gate.SetResult();

        Assert.Equal(200, (await first).Status);
    }

    [Fact]
    public async Task Destination_FailsOften_IsLeftAloneAndTheCallerToldForHowLong()
    {
        fixture.Ill.AnswerWith(_ => Answer.Status(500));
        Assert.Equal((500, 500), ((await fixture.Sender.SendAsync(To("fragile"))).Status, (await fixture.Sender.SendAsync(To("fragile"))).Status));
        var before = fixture.Ill.Arrivals.Count;

        var answer = await fixture.Sender.SendAsync(To("fragile"));

        AssertProblem(503, "The destination has failed too often: it is left alone for a while.", answer);
        Assert.InRange(int.Parse(answer.Headers["Retry-After"], System.Globalization.CultureInfo.InvariantCulture), 1, 600);
        Assert.Equal(before, fixture.Ill.Arrivals.Count);
    }

    [Fact]
    public async Task Forged_NeverReachesTheDestination()
    {
        using var forger = new SysAidSender(fixture.Sender.Url, "another secret");
        var body = To("live");

        Assert.Equal(401, (await forger.SendAsync(body)).Status);

        Assert.Empty(Arrivals(body));
    }

    [Fact]
    public async Task Event_OfAnotherRouteToo_IsStoredAndDeliveredAndAnsweredByTheDestination()
    {
        fixture.Live.AnswerWith(arrival => Answer.Status(arrival.Path.Contains("/live", StringComparison.Ordinal) ? 299 : 200));
        var body = To("both");

        var first = await fixture.Sender.SendAsync(body);
        await fixture.Live.WaitForAsync(_ => Arrivals(body).Count == 2);
        var second = await fixture.Sender.SendAsync(body);
        var arrivals = Arrivals(body);

        // The repeat is stored once and passed on again: its caller may not have had an answer.
        Assert.Equal((299, 299), (first.Status, second.Status));
        Assert.Equal(["/hooks/live?in-the-url=1", "/hooks/live?in-the-url=1", "/hooks/stored"], arrivals.Select(arrival => arrival.Path).Order());
        var id = Assert.Single(arrivals.Select(arrival => arrival.WebhookId).Distinct());
        await Wait.UntilAsync(async () => await EventStatusAsync(id!) == HttpStatusCode.OK, "the event to be readable");
    }

    [Fact]
    public async Task Repeat_WhereTheRouteDedupes_IsToldTheFirstOneAndNotPassedOn()
    {
        fixture.Ill.AnswerWith(_ => Answer.Status(201));
        var body = To("once");

        Assert.Equal(201, (await fixture.Sender.SendAsync(body)).Status);
        var repeat = await fixture.Sender.SendAsync(body);

        var arrival = Assert.Single(Arrivals(fixture.Ill, body));
        Assert.Equal((200, $$"""{"id": "{{arrival.WebhookId}}", "status": "duplicate"}"""), (repeat.Status, repeat.Body));
        Assert.Equal(201, (await fixture.Sender.SendAsync(SysAidEvent.Updated(_record + 100_000, "to", "once"))).Status);
    }

    [Theory]
    [InlineData(429)]
    [InlineData(503)]
    public async Task Repeat_OfOneThatTheDestinationFailed_IsPassedOn(int status)
    {
        var body = To("once");
        fixture.Ill.AnswerWith(arrival => Answer.Status(arrival.Body.AsSpan().SequenceEqual(body) ? status : 200));
        Assert.Equal(status, (await fixture.Sender.SendAsync(body)).Status);

        fixture.Ill.AnswerWith(_ => Answer.Status(299));

        Assert.Equal((299, 200), ((await fixture.Sender.SendAsync(body)).Status, (await fixture.Sender.SendAsync(body)).Status));
    }

    [Fact]
    public async Task Repeat_WhileTheFirstIsUnderWay_WaitsForItsAnswer()
    {
        var gate = new TaskCompletionSource();
        fixture.Ill.AnswerWith(_ => Answer.When(gate.Task));
        var body = To("once");
        var first = fixture.Sender.SendAsync(body);
        await fixture.Ill.WaitForAsync(_ => Arrivals(fixture.Ill, body).Count == 1);

        var repeat = fixture.Sender.SendAsync(body);
        Assert.False(repeat.IsCompleted);
        gate.SetResult();

        Assert.Equal((200, ""), ((await first).Status, (await first).Body));
        Assert.Equal("duplicate", (await repeat).Result);
        Assert.Single(Arrivals(fixture.Ill, body));
    }

    [Fact]
    public async Task Repeat_OfOneWhoseCallerWentAway_IsPassedOn()
    {
        var gate = new TaskCompletionSource();
        fixture.Ill.AnswerWith(_ => Answer.When(gate.Task));
        var body = To("once");
        using var leave = new CancellationTokenSource();
        var first = StreamUntilAsync(body, leave.Token);
        await fixture.Ill.WaitForAsync(_ => Arrivals(fixture.Ill, body).Count == 1);
        await leave.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first);

        var repeat = fixture.Sender.SendAsync(body);
        await fixture.Ill.WaitForAsync(_ => Arrivals(fixture.Ill, body).Count == 2);
        gate.SetResult();

        Assert.Equal((200, ""), ((await repeat).Status, (await repeat).Body));
    }

    [Fact]
    public async Task Event_PassedOnAlone_IsNotStored()
    {
        fixture.Live.AnswerWith(_ => Answer.Ok);
        var body = To("live");

        await fixture.Sender.SendAsync(body);

        Assert.Equal(HttpStatusCode.NotFound, await EventStatusAsync(Assert.Single(Arrivals(body)).WebhookId!));
    }

    [Fact]
    public async Task Token_ThatIsRefused_IsAnotherForTheNextRequest()
    {
        fixture.Live.AnswerWith(arrival => Answer.Status(arrival.Header("Authorization") == "Bearer token-1" ? 401 : 200));

        Assert.Equal((401, 200), ((await fixture.Sender.SendAsync(To("token"))).Status, (await fixture.Sender.SendAsync(To("token"))).Status));
    }

    [Fact]
    public async Task Trace_OfARequestPassedOn_HoldsBothSidesAndItsOutcome()
    {
        const string traceId = "4bf92f3577b34da6a3ce929d0e0e4736";
        fixture.Live.AnswerWith(_ => Answer.Status(503));
        var body = To("live");

        await fixture.Sender.SendAsync(body, ("traceparent", $"00-{traceId}-00f067aa0ba902b7-00"));

        var spans = (await fixture.Otlp.WaitForSpansAsync(all => all.Count(span => span.TraceId == traceId) >= 2)).Where(span => span.TraceId == traceId).ToArray();
        var receive = Assert.Single(spans, span => span.Name == "webhook receive sysaid");
        var deliver = Assert.Single(spans, span => span.Name == "webhook deliver live");
        Assert.Equal((SpanKind.Server, "proxied", "503"), (receive.Kind, receive.Attribute("hookgateway.outcome"), receive.Attribute("http.response.status_code")));
        Assert.Equal((SpanKind.Client, receive.SpanId, "proxied"), (deliver.Kind, deliver.ParentSpanId, deliver.Attribute("hookgateway.outcome")));
        Assert.Equal(("503", SpanStatus.Error, "127.0.0.1"), (deliver.Attribute("error.type"), deliver.Status, deliver.Attribute("server.address")));
        Assert.Equal(Assert.Single(Arrivals(body)).WebhookId, receive.Attribute("hookgateway.event_id"));
        Assert.Equal($"00-{traceId}-{deliver.SpanId}-01", Assert.Single(Arrivals(body)).Header("traceparent"));
        Assert.Equal(2, spans.Length);
    }

    private static void AssertProblem(int status, string detail, SenderAnswer answer)
    {
        Assert.Equal((status, "application/problem+json"), (answer.Status, answer.Headers["Content-Type"]));
        Assert.Contains($"\"detail\": \"{detail}\"", answer.Body, StringComparison.Ordinal);
    }

    private byte[] To(string destination) => SysAidEvent.Updated(_record, "to", destination);

    private List<Arrival> Arrivals(byte[] body) => Arrivals(fixture.Live, body);

    private static List<Arrival> Arrivals(Receiver receiver, byte[] body) =>
        [.. receiver.Arrivals.Where(arrival => arrival.Body.AsSpan().SequenceEqual(body))];

    // To its end: what is unread when a socket is closed resets the connection, and the answer with it.
    private static async Task ReadRequestAsync(Socket socket, CancellationToken cancel)
    {
        var (buffer, length) = (new byte[65536], 0);
        while (length == 0 || buffer[length - 1] != '}')
        {
            var read = await socket.ReceiveAsync(buffer.AsMemory(length), cancel);
            if (read == 0)
                return;
            length += read;
        }
    }

    private async Task<HttpStatusCode> EventStatusAsync(string id)
    {
        using var answer = await fixture.Gateway.Client.GetAsync(
            new Uri(fixture.Gateway.AdminUrl, $"/api/v1/events/{id}"), TestContext.Current.CancellationToken);
        return answer.StatusCode;
    }

    private Task<HttpResponseMessage> StreamAsync(byte[] body) => StreamUntilAsync(body, TestContext.Current.CancellationToken);

    private async Task<HttpResponseMessage> StreamUntilAsync(byte[] body, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, fixture.Sender.Url) { Content = new ByteArrayContent(body) };
        request.Content.Headers.TryAddWithoutValidation("Content-Type", "application/json");
        request.Headers.TryAddWithoutValidation(SysAidSender.SignatureHeader, fixture.Sender.Sign(body));
        return await fixture.Gateway.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
    }
}
