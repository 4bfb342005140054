using System.Text;
using HookGateway.Configuration;
using HookGateway.Host.Sending;
using HookGateway.Testing;
using HookGateway.Testing.Downstream;
using HookGateway.Testing.Senders;
using Xunit;

namespace HookGateway.FunctionalTests.Sending;

public sealed class EventSenderTests
{
    private const string Secret = "a secret";
    private static readonly OutgoingEvent Event = new(SysAidEvent.Created(148), [new("X-Own", "1")], Id: null);
    private static readonly SourceConfiguration SysAid = new()
    {
        Name = "sysaid",
        Path = "/hooks/sysaid",
        Verify = new VerifyConfiguration.Hmac { Header = SysAidSender.SignatureHeader },
        Secrets = [Secret],
        Event = "eventName",
    };

    [Fact]
    public async Task Event_IsPostedByteForByte_SignedAsTheSourceWould()
    {
        await using var receiver = await Receiver.StartAsync();
        using var independent = new SysAidSender(receiver.Url, Secret);

        await SendAsync(receiver.Url);

        var arrival = receiver.Arrivals.Single();
        Assert.Equal(Event.Body, arrival.Body);
        Assert.Equal(independent.Sign(Event.Body), arrival.Header(SysAidSender.SignatureHeader));
        Assert.Equal("1", arrival.Header("X-Own"));
        Assert.Equal("application/json", arrival.Header("Content-Type"));
    }

    [Fact]
    public async Task Answer_OfTheGateway_IsReadWhole()
    {
        await using var receiver = await Receiver.StartAsync();
        receiver.AnswerWith(_ => new Answer.Responding(200) { Body = Encoding.UTF8.GetBytes("""{"id":"x","status":"duplicate"}""") });

        var answer = await SendAsync(receiver.Url);

        Assert.Equal((200, "x", "duplicate", (string?)null), (answer.Status, answer.Id, answer.Result, answer.Error));
    }

    [Fact]
    public async Task Problem_IsAnAnswerWithItsReason()
    {
        await using var receiver = await Receiver.StartAsync();
        receiver.AnswerWith(_ => new Answer.Responding(400) { Body = Encoding.UTF8.GetBytes("""{"title":"Bad","status":400,"detail":"no name"}""") });

        var answer = await SendAsync(receiver.Url);

        Assert.Equal((400, (string?)null, "no name", false), (answer.Status, answer.Result, answer.Error, answer.IsSuccess()));
    }

    [Fact]
    public async Task Nobody_IsAnAnswerWithoutAStatus()
    {
        var answer = await SendAsync(new Uri($"http://127.0.0.1:{FreePorts.Take(1)[0]}/"));

        Assert.Null(answer.Status);
        Assert.NotNull(answer.Error);
    }

    private static async Task<SendAnswer> SendAsync(Uri url)
    {
        using var sender = new EventSender(SysAid, url, acceptAnyCertificate: false);
        return await sender.SendAsync(Event, TestContext.Current.CancellationToken);
    }
}
