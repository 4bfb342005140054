using System.Net;
using System.Text;
using HookGateway.Configuration;
using HookGateway.Deliver;
using HookGateway.Deliver.Outbound;
using HookGateway.Events;
using HookGateway.UnitTests.Configuration;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Xunit;
using Yarp.ReverseProxy.Configuration;
using Yarp.ReverseProxy.Model;

namespace HookGateway.UnitTests.Deliver;

public sealed class DestinationSenderTests
{
    private static readonly DestinationConfiguration Destination = new() { Name = "d", Url = new Uri("http://d.example/hook") };
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));

    [Theory]
    [InlineData(200, DeliveryError.None)]
    [InlineData(410, DeliveryError.Status)]
    public async Task SendAsync_BodyOfTheAnswerBreaks_TheStatusStands(int status, DeliveryError error)
    {
        var result = await SendAsync(_ => Answer(status, new ThrowingStream(new HttpIOException(HttpRequestError.ResponseEnded))));

        Assert.Equal((status, error), (result.StatusCode, result.Error));
    }

    [Fact]
    public async Task SendAsync_TimeEndsWithinTheBodyOfTheAnswer_TheStatusStands()
    {
        using var time = new CancellationTokenSource();

        var result = await SendAsync(_ => Answer(200, new ThrowingStream(new OperationCanceledException(), time.Cancel)), time);

        Assert.True(result.Succeeded);
    }

    [Fact]
    public async Task SendAsync_ClientGivesUpConnecting_IsAFailedAttempt()
    {
        var result = await SendAsync(_ => throw new OperationCanceledException("connecting", new TimeoutException()));

        Assert.Equal((null, DeliveryError.Connect), (result.StatusCode, result.Error));
        Assert.True(result.SpeaksAgainstDestination);
    }

    [Fact]
    public async Task SendAsync_Cancelled_IsNoAttempt()
    {
        using var stopping = new CancellationTokenSource();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => SendAsync(
            cancellation =>
            {
                stopping.Cancel();
                throw new OperationCanceledException(cancellation);
            },
            stopping));
    }

    [Theory]
    [InlineData("120", 120)]
    [InlineData("Thu, 01 Jan 2026 00:00:30 GMT", 30)]
    [InlineData("99999999999", null)]
    [InlineData("-5", null)]
    [InlineData("soon", null)]
    public async Task SendAsync_RetryAfter_IsReadInBothFormsAndNeverFails(string value, int? seconds)
    {
        var result = await SendAsync(_ =>
        {
            var answer = Answer(503, Stream.Null);
            answer.Headers.TryAddWithoutValidation("Retry-After", value);
            return answer;
        });

        Assert.Equal(seconds, result.RetryAfter?.TotalSeconds);
    }

    [Fact]
    public async Task SendAsync_TemplateAndSignature_SignsWhatIsSent()
    {
        const string secret = "whsec_c2VjcmV0";
        var destination = Destination with
        {
            SigningSecrets = [secret],
            Template = new TemplateConfiguration { Text = "{{ event }} of {{ source }}" },
        };
        HttpRequestMessage? sent = null;
        byte[] body = [];
        using var client = new HttpMessageInvoker(new Recorder(async request =>
        {
            sent = request;
            body = await request.Content!.ReadAsByteArrayAsync(TestContext.Current.CancellationToken);
        }));

        await SenderOf(destination, ClusterOf(client), _time).SendAsync(LaneTests.NewDelivery(), 1, null, CancellationToken.None);

        Assert.Equal("sr.created of s", Encoding.UTF8.GetString(body));
        Assert.Equal(
            new WebhookSignature([secret]).Of(LaneTests.NewDelivery().Event.Id.ToString(), _time.GetUtcNow(), body),
            sent!.Headers.NonValidated["webhook-signature"].ToString());
    }

    private async Task<AttemptResult> SendAsync(
        Func<CancellationToken, HttpResponseMessage> answer, CancellationTokenSource? cancelled = null)
    {
        using var client = new HttpMessageInvoker(new Downstream(answer));
        return await SenderOf(Destination, ClusterOf(client), _time)
            .SendAsync(LaneTests.NewDelivery(), 1, null, cancelled?.Token ?? CancellationToken.None);
    }

    /// <summary>Without what is configured elsewhere than at the destination.</summary>
    internal static DestinationSender SenderOf(DestinationConfiguration destination, ClusterState cluster, TimeProvider time)
    {
        var configuration = Given.Configuration(Given.Whole);
        var addresses = new AddressChoice(cluster, policy: null!, health: null!, isPassive: false);
        var forwarded = new ForwardedHeaders(configuration, NullLogger<ForwardedHeaders>.Instance);
        return new DestinationSender(
            new DestinationLink(destination, cluster, addresses, forwarded, new EgressGuard(configuration), tokens: null), time);
    }

    /// <summary>A cluster as YARP would make it for a destination, with a client of the test's.</summary>
    internal static ClusterState ClusterOf(HttpMessageInvoker client)
    {
        var address = new DestinationState("url", new DestinationModel(new DestinationConfig { Address = Destination.Url.AbsoluteUri }));
        return new ClusterState("d", new ClusterModel(new ClusterConfig { ClusterId = "d" }, client))
        {
            DestinationsState = new ClusterDestinationsState([address], [address]),
        };
    }

    private static HttpResponseMessage Answer(int status, Stream body) =>
        new((HttpStatusCode)status) { Content = new StreamContent(body) };

    private sealed class Downstream(Func<CancellationToken, HttpResponseMessage> answer) : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
            Task.FromResult(answer(cancellationToken));
    }

    private sealed class Recorder(Func<HttpRequestMessage, Task> record) : HttpMessageHandler
    {
        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            await record(request);
            return new HttpResponseMessage(HttpStatusCode.OK);
        }
    }

    private sealed class ThrowingStream(Exception error, Action? before = null) : MemoryStream([1, 2, 3])
    {
        public override bool CanSeek => false;

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            before?.Invoke();
            throw error;
        }
    }
}
