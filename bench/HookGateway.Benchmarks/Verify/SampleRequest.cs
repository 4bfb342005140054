using System.Net;
using System.Text;
using HookGateway.Configuration;
using HookGateway.Verify;
using Microsoft.AspNetCore.Http;

namespace HookGateway.Benchmarks.Verify;

/// <summary>A signed request as SysAid sends it: a created record of 20 fields, 2.3 KB.</summary>
internal static class SampleRequest
{
    public static SourceConfiguration Source { get; } = new()
    {
        Name = "sysaid",
        Path = "/hooks/sysaid",
        Secrets = ["0123456789abcdef0123456789abcdef"],
        Verify = new VerifyConfiguration.Hmac { Header = "X-Sysaid-Signature" },
        Event = "eventName",
        Id = ["id", "eventId"],
        Key = "srId",
    };

    public static byte[] Body { get; } = Encoding.UTF8.GetBytes(
        """{"eventName":"sr.created","srId":148,"updates":["""
        + string.Join(',', Enumerable.Range(0, 20).Select(i =>
            $$"""{"fieldName":"customColumn{{i}}","currentValue":"{\"text\":\"<p>{{i}}</p>\"}","previousValue":"","timestamp":1751280965889}"""))
        + """],"id":"01980000-0000-7000-8000-000000000001"}""");

    public static ReceivedRequest Make()
    {
        var url = new Uri("https://hooks.example.com/hooks/sysaid");
        var headers = new HeaderDictionary { ["Content-Type"] = "application/json" };
        foreach (var (name, value) in new RequestSigner(Source).Sign("POST", url, Body, DateTimeOffset.UnixEpoch)) headers[name] = value;
        return new ReceivedRequest
        {
            Method = "POST",
            Url = url.OriginalString,
            Headers = headers,
            Query = QueryCollection.Empty,
            Body = Body,
            RemoteAddress = IPAddress.Loopback,
            ReceivedAt = DateTimeOffset.UnixEpoch,
        };
    }
}
