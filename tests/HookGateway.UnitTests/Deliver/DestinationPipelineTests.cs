using System.Net;
using HookGateway.Configuration;
using HookGateway.Deliver;
using HookGateway.Events;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace HookGateway.UnitTests.Deliver;

public sealed class DestinationPipelineTests : IDisposable
{
    private static readonly DestinationConfiguration Destination = new()
    {
        Name = "d",
        Url = new Uri("http://d.example/"),
        Breaker = new BreakerConfiguration { Minimum = 2 },
    };

    private readonly FakeTimeProvider _time = new();
    private readonly HttpMessageInvoker _client;
    private Func<CancellationToken, Task<HttpStatusCode>> _downstream = _ => Task.FromResult(HttpStatusCode.OK);

    public DestinationPipelineTests() => _client = new HttpMessageInvoker(new Handler(cancellation => _downstream(cancellation)));

    public void Dispose() => _client.Dispose();

    [Theory]
    [InlineData("00:00:00.010", "00:00:00.500")]
    [InlineData("01:00:00", "1.00:00:00")]
    public void DestinationPipeline_LeastAndMostThatTheConfigurationAllows_CanBeBuilt(string timeout, string breaker) =>
        Assert.Equal(0, NewPipeline(Destination with
        {
            Timeout = TimeSpan.Parse(timeout, null),
            Breaker = new BreakerConfiguration { Window = TimeSpan.Parse(breaker, null), Pause = TimeSpan.Parse(breaker, null) },
        }).BreakerState);

    [Fact]
    public async Task AttemptAsync_NoAnswerInTime_IsAFailedAttempt()
    {
        _downstream = HangAsync;
        var attempt = AttemptAsync(NewPipeline(Destination));

        _time.Advance(Destination.Timeout);

        Assert.Equal(DeliveryError.Timeout, Assert.IsType<PipelineResult.Made>(await attempt).Result.Error);
    }

    [Fact]
    public async Task AttemptAsync_GatewayStops_IsCutOffAndNoAttempt()
    {
        using var stopping = new CancellationTokenSource();
        _downstream = HangAsync;
        var attempt = AttemptAsync(NewPipeline(Destination), stopping);

        await stopping.CancelAsync();

        Assert.IsType<PipelineResult.CutOff>(await attempt);
    }

    [Fact]
    public async Task AttemptAsync_DestinationKeepsFailing_IsParkedUntilAProbeSucceeds()
    {
        var pipeline = NewPipeline(Destination);
        _downstream = _ => Task.FromResult(HttpStatusCode.InternalServerError);
        for (var i = 0; i < 2; i++)
            Assert.IsType<PipelineResult.Made>(await AttemptAsync(pipeline));

        Assert.Equal(Destination.Breaker.Pause, Assert.IsType<PipelineResult.Parked>(await AttemptAsync(pipeline)).For);
        Assert.Equal(2, pipeline.BreakerState);

        _time.Advance(Destination.Breaker.Pause);
        _downstream = _ => Task.FromResult(HttpStatusCode.OK);
        Assert.True(Assert.IsType<PipelineResult.Made>(await AttemptAsync(pipeline)).Result.Succeeded);
        Assert.Equal(0, pipeline.BreakerState);
    }

    private DestinationPipeline NewPipeline(DestinationConfiguration destination) => new(
        destination, new DestinationSender(destination, DestinationSenderTests.ClusterOf(_client), _time), _time);

    private static Task<PipelineResult> AttemptAsync(DestinationPipeline pipeline, CancellationTokenSource? stopping = null) =>
        pipeline.AttemptAsync(LaneTests.NewDelivery(), 1, null, stopping?.Token ?? CancellationToken.None).AsTask();

    private static async Task<HttpStatusCode> HangAsync(CancellationToken cancellationToken)
    {
        await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellationToken);
        return HttpStatusCode.OK;
    }

    private sealed class Handler(Func<CancellationToken, Task<HttpStatusCode>> downstream) : HttpMessageHandler
    {
        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
            new(await downstream(cancellationToken));
    }
}
