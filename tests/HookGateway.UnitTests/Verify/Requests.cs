using System.Net;
using System.Text;
using HookGateway.Configuration;
using HookGateway.Verify;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.Primitives;

namespace HookGateway.UnitTests.Verify;

/// <summary>Requests and sources as the tests of this folder need them.</summary>
internal static class Requests
{
    public static readonly Uri Url = new("https://hooks.example.com/hooks/crm?tenant=7");

    public static ReceivedRequest Request(
        string body, IEnumerable<KeyValuePair<string, string>>? headers = null, Uri? url = null, IPAddress? address = null) =>
        Request(Encoding.UTF8.GetBytes(body), headers, url, address);

    public static ReceivedRequest Request(
        byte[] body, IEnumerable<KeyValuePair<string, string>>? headers = null, Uri? url = null, IPAddress? address = null)
    {
        var dictionary = new HeaderDictionary();
        foreach (var (name, value) in headers ?? []) dictionary[name] = StringValues.Concat(dictionary[name], value);
        url ??= Url;
        return new ReceivedRequest
        {
            Method = "POST",
            Url = url.OriginalString,
            PathAndQuery = url.PathAndQuery,
            Headers = dictionary,
            Query = new QueryCollection(QueryHelpers.ParseQuery(url.Query)),
            Body = body,
            RemoteAddress = address,
            ReceivedAt = DateTimeOffset.UnixEpoch,
        };
    }

    public static KeyValuePair<string, string> Header(string name, string value) => new(name, value);

    public static SourceConfiguration Source(VerifyConfiguration verify, params string[] secrets) => new()
    {
        Name = "crm",
        Path = "/hooks/crm",
        Secrets = secrets,
        Verify = verify,
        Event = "type",
    };
}
