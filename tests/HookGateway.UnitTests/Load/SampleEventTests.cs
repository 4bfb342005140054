using System.Text.Json;
using HookGateway.Load.Loading;
using HookGateway.Testing.Senders;
using Xunit;

namespace HookGateway.UnitTests.Load;

public sealed class SampleEventTests
{
    [Fact]
    public void Body_HasItsNameAndIdAtTheEndOfSysAidsSample()
    {
        var body = SampleEvent.Body(17, "an-id");

        using var json = JsonDocument.Parse(body);
        Assert.Equal("sr.created.0017", SampleEvent.Name(17));
        Assert.Equal(["srId", "updates", "eventName", "id"], json.RootElement.EnumerateObject().Select(property => property.Name));
        Assert.Equal("sr.created.0017", json.RootElement.GetProperty("eventName").GetString());
        Assert.Equal("an-id", json.RootElement.GetProperty("id").GetString());
        Assert.InRange(body.Length, 2100, 2200);
    }

    [Fact]
    public void Sign_IsWhatSysAidWrites()
    {
        var body = SampleEvent.Body(0, "an-id");
        using var sender = new SysAidSender(new Uri("http://127.0.0.1:1"), SampleEvent.Secret);

        Assert.Equal(sender.Sign(body), SampleEvent.Sign(body));
        Assert.Equal(SysAidSender.SignatureHeader, SampleEvent.SignatureHeader);
    }
}
