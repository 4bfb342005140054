using System.Diagnostics.CodeAnalysis;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;

namespace HookGateway.Testing.Senders;

/// <summary>
/// Posts as SysAid does: HMAC-SHA256 of the body's bytes in lower-case hex, under <c>X-Sysaid-Signature</c>. It signs by
/// itself, with nothing of the product, and accepts any certificate.
/// </summary>
public sealed class SysAidSender : IDisposable
{
    /// <summary>The header of the signature.</summary>
    public const string SignatureHeader = "X-Sysaid-Signature";

    private readonly HttpClient _client = CreateClient();
    private readonly byte[] _secret;

    /// <summary>A sender.</summary>
    /// <param name="url">The source's whole URL.</param>
    /// <param name="secret">The source's secret.</param>
    public SysAidSender(Uri url, string secret)
    {
        Url = url;
        _secret = Encoding.UTF8.GetBytes(secret);
    }

    /// <summary>Where it posts to.</summary>
    public Uri Url { get; }

    /// <summary>The signature of a body.</summary>
    public string Sign(byte[] body) => Convert.ToHexStringLower(HMACSHA256.HashData(_secret, body));

    /// <summary>Signs and posts.</summary>
    /// <param name="body">Byte for byte.</param>
    /// <param name="headers">Besides the signature; <c>Content-Type</c> is JSON unless it is among them.</param>
    public Task<SenderAnswer> SendAsync(byte[] body, params (string Name, string Value)[] headers) =>
        PostAsync(body, [(SignatureHeader, Sign(body)), .. headers]);

    /// <summary>Posts under these headers only.</summary>
    /// <exception cref="HttpRequestException">No answer.</exception>
    public async Task<SenderAnswer> PostAsync(byte[] body, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, Url) { Content = new ByteArrayContent(body) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        foreach (var (name, value) in headers)
        {
            if (request.Headers.TryAddWithoutValidation(name, value))
                continue;
            request.Content.Headers.Remove(name);
            request.Content.Headers.TryAddWithoutValidation(name, value);
        }

        using var response = await _client.SendAsync(request);
        var all = response.Headers.Concat(response.Content.Headers);
        var byName = all.ToDictionary(header => header.Key, header => string.Join(',', header.Value), StringComparer.OrdinalIgnoreCase);
        return new SenderAnswer((int)response.StatusCode, byName, await response.Content.ReadAsStringAsync());
    }

    /// <summary>A client that accepts any certificate, follows no redirects and holds up to 256 connections.</summary>
    [SuppressMessage("Security", "CA5359", Justification = "Gateways under test sign their own certificate.")]
    public static HttpClient CreateClient()
    {
        var handler = new SocketsHttpHandler { AllowAutoRedirect = false, MaxConnectionsPerServer = 256 };
        handler.SslOptions.RemoteCertificateValidationCallback = (_, _, _, _) => true;
        return new HttpClient(handler) { Timeout = TimeSpan.FromSeconds(30) };
    }

    /// <inheritdoc/>
    public void Dispose() => _client.Dispose();
}
