using System.Globalization;
using HookGateway.SysAid;
using HookGateway.Testing;
using HookGateway.Testing.Downstream;
using Xunit;

namespace HookGateway.UnitTests.SysAid;

public sealed class ConnectApiRetryTests : IAsyncLifetime
{
    private const string Unknown = "; whether it was done is not known";

    private OpenedApi _opened = null!;

    public static TheoryData<string> Troubles { get; } = ["500", "502", "reset", "garbage"];

    public async ValueTask InitializeAsync() => _opened = await OpenedApi.StartAsync();

    public ValueTask DisposeAsync() => _opened.DisposeAsync();

    [Theory]
    [MemberData(nameof(Troubles))]
    public async Task Get_TroubleThatPasses_IsTriedAgainUntilItIsDone(string trouble)
    {
        _opened.Fake.Fail([.. Enumerable.Repeat(AnswerOf(trouble), ApiRetry.Attempts - 1)]);

        Assert.Equal(200, (await _opened.ListAsync()).Status);

        Assert.Equal((ApiRetry.Attempts, ApiRetry.Attempts - 1), (_opened.Requests.Count, _opened.Told.Count));
        Assert.All(_opened.Time.Waits, wait => Assert.InRange(wait, TimeSpan.FromMilliseconds(1), TimeSpan.FromSeconds(30)));
    }

    [Fact]
    public async Task Get_TroubleThatStays_IsAFaultAfterAFewAttempts()
    {
        _opened.Fake.Fail([.. Enumerable.Repeat(Answer.Status(500), 50)]);

        Assert.Equal("SysAid answered HTTP 500", (await _opened.FaultAsync(requests => requests.Get("7"))).Message);
        Assert.Equal(ApiRetry.Attempts, _opened.Requests.Count);
    }

    [Theory]
    [MemberData(nameof(Troubles))]
    public async Task Subscribe_TroubleThatLeavesItOpen_IsNotTriedAgain(string trouble)
    {
        _opened.Fake.Fail(AnswerOf(trouble));

        var fault = await Assert.ThrowsAsync<SysAidException>(_opened.SubscribeAsync);

        Assert.EndsWith(Unknown, fault.Message, StringComparison.Ordinal);
        Assert.Single(_opened.Requests);
    }

    [Fact]
    public async Task Subscribe_AnswerIsLost_IsDoneOnce()
    {
        _opened.Fake.FailAfterwards(Answer.Reset);

        await Assert.ThrowsAsync<SysAidException>(_opened.SubscribeAsync);

        Assert.Single(_opened.Fake.Subscriptions);
    }

    [Theory]
    [InlineData(429)]
    [InlineData(503)]
    public async Task Subscribe_RefusedForNow_IsTriedAgain(int status)
    {
        _opened.Fake.Fail(Answer.Status(status), Answer.RetryAfter(status, "7"));

        Assert.Equal(201, (await _opened.SubscribeAsync()).Status);

        Assert.Single(_opened.Fake.Subscriptions);
        Assert.Equal(3, _opened.Requests.Count);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Send_NobodyListens_IsTriedAgainWhateverItIs(bool subscribes)
    {
        await _opened.ListAsync();
        await _opened.Fake.GoAsync();

        var fault = await Assert.ThrowsAsync<SysAidException>(subscribes ? _opened.SubscribeAsync : _opened.ListAsync);

        Assert.Equal("SysAid could not be asked: no connection: ConnectionRefused", fault.Message);
        Assert.Equal(ApiRetry.Attempts - 1, _opened.Told.Count);
    }

    [Fact]
    public async Task Send_RetryAfterInSeconds_IsObeyedToTheSecond()
    {
        _opened.Fake.Fail(Answer.RetryAfter(503, "47"));

        await _opened.ListAsync();

        Assert.Equal(TimeSpan.FromSeconds(47), Assert.Single(_opened.Time.Waits));
        Assert.Equal("SysAid answered HTTP 503; trying again in 47 s.", Assert.Single(_opened.Told));
    }

    [Fact]
    public async Task Send_RetryAfterAsADate_IsMeasuredByTheDateOfTheAnswer()
    {
        var date = _opened.Time.GetUtcNow().AddSeconds(100).ToString("R", CultureInfo.InvariantCulture);
        _opened.Fake.Fail(Answer.RetryAfter(503, date));

        await _opened.ListAsync();

        Assert.Equal(TimeSpan.FromSeconds(100), Assert.Single(_opened.Time.Waits));
    }

    [Fact]
    public async Task Send_RetryAfterTooLong_IsAFaultAtOnce()
    {
        _opened.Fake.Fail(Answer.RetryAfter(503, "86400"));

        await _opened.FaultAsync(requests => requests.List(20, 0));

        Assert.Single(_opened.Requests);
        Assert.Empty(_opened.Time.Waits);
    }

    [Fact]
    public async Task Send_NoAnswerInTime_IsGivenUp()
    {
        await _opened.ListAsync();
        _opened.Fake.Fail(Answer.Hang);

        var asking = _opened.FaultAsync(requests => requests.Simulate("1", null));
        await Wait.UntilAsync(() => _opened.Requests.Count == 2, "the request");
        _opened.Time.Advance(ApiSender.Limit);

        Assert.Equal($"SysAid could not be asked: no answer within 30 s{Unknown}", (await Wait.ForAsync(asking, "the fault")).Message);
    }

    [Fact]
    public async Task Unsubscribe_AnswerIsLost_FindsItGone()
    {
        await _opened.SubscribeAsync();
        _opened.Fake.FailAfterwards(Answer.Reset);

        var answer = await _opened.SendAsync(requests => requests.Unsubscribe("1"));

        Assert.Equal((404, 0), (answer.Status, _opened.Fake.Subscriptions.Count));
    }

    [Fact]
    public async Task Unsubscribe_NeverThere_IsAFault() =>
        Assert.Equal("SysAid answered HTTP 404: No webhook 1", (await _opened.FaultAsync(requests => requests.Unsubscribe("1"))).Message);

    [Theory]
    [InlineData(400)]
    [InlineData(403)]
    [InlineData(302)]
    public async Task Send_RefusedForGood_IsAskedOnce(int status)
    {
        _opened.Fake.Fail(new Answer.Responding(status) { Headers = new Dictionary<string, string> { ["Location"] = "/elsewhere" } });

        await _opened.FaultAsync(requests => requests.List(20, 0));

        Assert.Single(_opened.Requests);
    }

    [Fact]
    public async Task Send_CancelledWhileItWaits_EndsAtOnce()
    {
        _opened.Time.Jumps = false;
        _opened.Fake.Fail(Answer.RetryAfter(503, "47"));
        using var cancel = new CancellationTokenSource();

        var asking = _opened.Api.SendAsync(_opened.Api.Requests.List(20, 0), cancel.Token);
        await Wait.UntilAsync(() => _opened.Time.Waits.Count == 1, "the wait");
        await cancel.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Wait.ForAsync(asking, "the end"));
    }

    [Fact]
    public async Task Send_CancelledUnderWay_EndsAtOnce()
    {
        await _opened.ListAsync();
        _opened.Fake.Fail(Answer.Hang);
        using var cancel = new CancellationTokenSource();

        var asking = _opened.Api.SendAsync(_opened.Api.Requests.List(20, 0), cancel.Token);
        await Wait.UntilAsync(() => _opened.Requests.Count == 2, "the request");
        await cancel.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Wait.ForAsync(asking, "the end"));
    }

    [Fact]
    public async Task Send_EgressDeniesIt_IsAskedNeverAgain()
    {
        await using var opened = await OpenedApi.StartAsync("egress: { deny: [127.0.0.0/8] }\n");

        var fault = await opened.FaultAsync(requests => requests.List(20, 0));

        Assert.Equal(
            "SysAid gave no access token: SysAid could not be asked: no connection: the address 127.0.0.1 is denied by egress", fault.Message);
        Assert.Empty(opened.Told);
    }

    private static Answer AnswerOf(string trouble) => trouble switch
    {
        "reset" => Answer.Reset,
        "garbage" => Answer.Garbage,
        _ => Answer.Status(int.Parse(trouble, CultureInfo.InvariantCulture)),
    };
}
