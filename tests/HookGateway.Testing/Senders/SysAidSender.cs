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

    /// <summary>How long it waits for an answer.</summary>
    public static readonly TimeSpan AnswerLimit = TimeSpan.FromSeconds(10);

    /// <summary>How often it tries in all.</summary>
    public const int Attempts = 3;

    private static readonly TimeSpan BetweenAttempts = TimeSpan.FromSeconds(1);

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

    /// <summary>
    /// Posts webhooks, each when it is due and whatever becomes of the others, and as <see cref="DeliverAsync"/> does.
    /// </summary>
    /// <param name="posts">What, and when.</param>
    /// <param name="speed">How many times faster than they say.</param>
    /// <param name="time">The clock. Default the machine's.</param>
    /// <returns>Those that got no 2xx: SysAid has given them up.</returns>
    public async Task<IReadOnlyList<SysAidPost>> SendAllAsync(IEnumerable<SysAidPost> posts, double speed = 1, TimeProvider? time = null)
    {
        time ??= TimeProvider.System;
        var start = time.GetTimestamp();
        var sending = posts.Select(async post =>
        {
            var wait = (post.At / speed) - time.GetElapsedTime(start);
            if (wait > TimeSpan.Zero)
                await Task.Delay(wait, time);
            return await DeliverAsync(post, time) ? null : post;
        });
        return [.. (await Task.WhenAll(sending)).OfType<SysAidPost>()];
    }

    /// <summary>
    /// Posts a webhook as SysAid does: without a 2xx within 10 seconds it tries again, a few times only. How often and how soon SysAid
    /// does is not published: three attempts here.
    /// </summary>
    /// <param name="post">What.</param>
    /// <param name="time">The clock. Default the machine's.</param>
    /// <returns>Whether it got a 2xx; if not, SysAid has given it up.</returns>
    public async Task<bool> DeliverAsync(SysAidPost post, TimeProvider? time = null)
    {
        time ??= TimeProvider.System;
        for (var attempt = 1; attempt <= Attempts; attempt++)
        {
            try
            {
                if ((await SendAsync(post.Body).WaitAsync(AnswerLimit, time)).Status is >= 200 and <= 299)
                    return true;
            }
            catch (Exception e) when (e is HttpRequestException or TimeoutException)
            {
                // To SysAid it is all the same: not delivered.
            }

            if (attempt < Attempts)
                await Task.Delay(BetweenAttempts, time);
        }

        return false;
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
