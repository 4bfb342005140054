using System.Security.Cryptography;
using System.Text;
using HookGateway.Deliver.Outbound;
using HookGateway.Testing.Downstream;
using Xunit;

namespace HookGateway.UnitTests.Deliver.Outbound;

public sealed class WebhookSignatureTests
{
    private const string Published = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

    // The example of the Standard Webhooks libraries.
    [Theory]
    [InlineData(Published)]
    [InlineData("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")]
    public void Of_PublishedExample_IsTheirs(string secret)
    {
        var value = new WebhookSignature([secret]).Of(
            "msg_p5jXN8AQM9LWM0D4loKWxJek", DateTimeOffset.FromUnixTimeSeconds(1614265330), """{"test": 2432232314}"""u8);

        Assert.Equal("v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=", value);
    }

    [Fact]
    public async Task Send_TwoSecrets_CarriesASignatureOfEachOverWhatArrives()
    {
        await using var receiver = await Receiver.StartAsync();
        await using var outbox = Outbox.To(receiver.Url.Port, more: $"sign: {{ secrets: [{Published}, whsec_c2VjcmV0] }}");
        await using var unsigned = Outbox.To(receiver.Url.Port);

        await outbox.SendAsync();
        await unsigned.SendAsync();

        var arrival = receiver.Arrivals[0];
        var signed = Encoding.UTF8.GetBytes($"{arrival.WebhookId}.{arrival.Header("webhook-timestamp")}.").Concat(arrival.Body).ToArray();
        byte[][] keys = [Convert.FromBase64String(Published[6..]), "secret"u8.ToArray()];
        Assert.Equal(
            string.Join(' ', keys.Select(key => "v1," + Convert.ToBase64String(HMACSHA256.HashData(key, signed)))),
            arrival.Header("webhook-signature"));
        Assert.Null(receiver.Arrivals[1].Header("webhook-signature"));
    }
}
