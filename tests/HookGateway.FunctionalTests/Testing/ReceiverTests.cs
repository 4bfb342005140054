using System.Text;
using HookGateway.Testing;
using HookGateway.Testing.Downstream;
using Xunit;

namespace HookGateway.FunctionalTests.Testing;

/// <summary>What other tests build on has to hold first.</summary>
public sealed class ReceiverTests
{
    private static readonly HttpClient Client = new();

    [Fact]
    public async Task EachEvent_FailingTwice_CountsItsOwnAttempts()
    {
        await using var receiver = await Receiver.StartAsync();
        receiver.AnswerEachEvent(Answer.Status(503), Answer.RetryAfter(429, "7"), Answer.Ok);

        var first = await PostAsync(receiver, "a");
        var second = await PostAsync(receiver, "a");
        var other = await PostAsync(receiver, "b");
        var third = await PostAsync(receiver, "a");

        Assert.Equal([503, 429, 503, 200], new[] { first, second, other, third }.Select(answer => (int)answer.StatusCode));
        Assert.Equal("7", second.Headers.GetValues("Retry-After").Single());
        Assert.Equal([1, 2, 1, 3], receiver.Arrivals.Select(arrival => arrival.Attempt));
    }

    [Fact]
    public async Task Body_OfAnyBytes_IsKeptByteForByte()
    {
        await using var receiver = await Receiver.StartAsync();
        var body = Enumerable.Range(0, 100_000).Select(i => (byte)i).ToArray();

        await Client.PostAsync(receiver.Url, new ByteArrayContent(body), TestContext.Current.CancellationToken);

        Assert.Equal(body, receiver.Arrivals.Single().Body);
    }

    [Fact]
    public async Task Gate_WhileClosed_HoldsTheAnswer()
    {
        await using var receiver = await Receiver.StartAsync();
        var gate = new TaskCompletionSource();
        receiver.AnswerWith(_ => Answer.When(gate.Task));

        var answer = PostAsync(receiver, "a");
        await receiver.WaitForAsync(1);
        Assert.False(answer.IsCompleted);
        gate.SetResult();

        Assert.Equal(200, (int)(await answer).StatusCode);
    }

    [Theory]
    [InlineData("reset")]
    [InlineData("garbage")]
    public async Task BrokenAnswer_ReadByAClient_IsNoAnswer(string how)
    {
        await using var receiver = await Receiver.StartAsync();
        receiver.AnswerWith(_ => how == "reset" ? Answer.Reset : Answer.Garbage);

        await Assert.ThrowsAsync<HttpRequestException>(() => PostAsync(receiver, "a"));

        Assert.Single(receiver.Arrivals);
    }

    [Fact]
    public async Task Hang_WhenTheReceiverIsDisposed_Ends()
    {
        var receiver = await Receiver.StartAsync();
        receiver.AnswerWith(_ => Answer.Hang);
        var answer = PostAsync(receiver, "a");
        await receiver.WaitForAsync(1);
        Assert.False(answer.IsCompleted);

        await receiver.DisposeAsync();

        await Assert.ThrowsAsync<HttpRequestException>(() => answer.WaitAsync(Wait.DefaultLimit, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Receiver_GoneAndBack_IsRefusedAndThenTakesAgain()
    {
        await using var receiver = await Receiver.StartAsync();
        await receiver.GoAsync();
        await Assert.ThrowsAsync<HttpRequestException>(() => PostAsync(receiver, "a"));

        await receiver.ReturnAsync();

        Assert.Equal(200, (int)(await PostAsync(receiver, "a")).StatusCode);
    }

    private static Task<HttpResponseMessage> PostAsync(Receiver receiver, string id)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, receiver.Url) { Content = new StringContent("{}", Encoding.UTF8) };
        request.Headers.Add("webhook-id", id);
        return Client.SendAsync(request);
    }
}
