using System.Text;
using HookGateway.Events;
using HookGateway.Testing.Downstream;
using HookGateway.UnitTests.Deliver.Outbound;
using Xunit;

namespace HookGateway.UnitTests.Deliver;

/// <summary>What is kept of a downstream's answer.</summary>
public sealed class AnswerTests
{
    [Theory]
    [InlineData(500, "it broke", "it broke")]
    [InlineData(422, "no such field: grüß", "no such field: grüß")]
    [InlineData(500, "", null)]
    [InlineData(200, "thanks", null)]
    [InlineData(302, "elsewhere", "elsewhere")]
    public async Task Send_Answer_IsKeptWhereTheAttemptFailed(int status, string body, string? kept)
    {
        await using var receiver = await Receiver.StartAsync();
        receiver.AnswerWith(_ => new Answer.Responding(status) { Body = Encoding.UTF8.GetBytes(body) });
        await using var outbox = Outbox.To(receiver.Url.Port);

        var result = await outbox.SendAsync();

        Assert.Equal((status, kept), (result.StatusCode, result.Answer));
    }

    [Theory]
    [InlineData(4095)]
    [InlineData(4096)]
    [InlineData(4097)]
    [InlineData(1_000_000)]
    public async Task Send_LongAnswer_ItsFirst4KiBAreKept(int length)
    {
        await using var receiver = await Receiver.StartAsync();
        receiver.AnswerWith(_ => new Answer.Responding(500) { Body = Encoding.ASCII.GetBytes(new string('x', length)) });
        await using var outbox = Outbox.To(receiver.Url.Port);

        Assert.Equal(new string('x', Math.Min(length, 4096)), (await outbox.SendAsync()).Answer);
    }

    [Fact]
    public async Task Send_AnswerCutWithinACharacter_EndsBeforeIt()
    {
        await using var receiver = await Receiver.StartAsync();
        receiver.AnswerWith(_ => new Answer.Responding(500) { Body = Encoding.UTF8.GetBytes("x" + new string('é', 4000)) });
        await using var outbox = Outbox.To(receiver.Url.Port);

        Assert.Equal("x" + new string('é', 2047), (await outbox.SendAsync()).Answer);
    }

    [Fact]
    public async Task Send_RefusalThatDrips_KeepsWhatCameInTime()
    {
        await using var downstream = RawDownstream.Start(async (socket, cancel) =>
        {
            await RawDownstream.SendAsync(socket, "HTTP/1.1 422 No\r\nContent-Length: 100\r\n\r\nno such field", cancel);
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancel);
        });
        await using var outbox = Outbox.To(downstream.Port, more: "timeout: 5s");

        var result = await outbox.SendAsync();

        Assert.Equal((422, "no such field"), (result.StatusCode, result.Answer));
    }

    [Fact]
    public async Task Send_RefusalWhoseBodyBreaks_IsStillARefusal()
    {
        await using var downstream = RawDownstream.Saying("HTTP/1.1 410 Gone\r\nContent-Length: 100\r\n\r\ngone");
        await using var outbox = Outbox.To(downstream.Port);

        var result = await outbox.SendAsync();

        Assert.Equal((410, DeliveryError.Status), (result.StatusCode, result.Error));
    }
}
