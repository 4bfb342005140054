using System.Collections.Concurrent;
using System.Net;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;

namespace HookGateway.Testing.Downstream;

/// <summary>
/// A real OAuth2 token endpoint on a loopback port, by RFC 6749, section 4.4: whoever shows the client's id and a secret of its
/// own gets <c>token-1</c>, <c>token-2</c> and so on, unless it is told to answer something else.
/// </summary>
public sealed class TokenServer : IAsyncDisposable
{
    private readonly ConcurrentQueue<TokenRequest> _requests = new();
    private readonly string _clientId;
    private readonly HashSet<string> _secrets;
    private readonly WebApplication _server;
    private int _issued;

    private TokenServer(string clientId, IEnumerable<string> secrets, TestCertificate? certificate)
    {
        (_clientId, _secrets) = (clientId, [.. secrets]);
        var port = FreePorts.Take(1)[0];
        Url = new Uri($"{(certificate is null ? "http" : "https")}://localhost:{port}/token");
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, port, listen =>
        {
            if (certificate is null)
                return;
            using var pem = X509Certificate2.CreateFromPem(certificate.Certificate, certificate.Key);
            listen.UseHttps(X509CertificateLoader.LoadPkcs12(pem.Export(X509ContentType.Pkcs12), null));
        }));
        _server = builder.Build();
        _server.Run(HandleAsync);
    }

    /// <summary>Where tokens are asked for.</summary>
    public Uri Url { get; }

    /// <summary>Every request so far.</summary>
    public IReadOnlyList<TokenRequest> Requests => [.. _requests];

    /// <summary><c>expires_in</c> as it is written; <see langword="null"/>: it is not.</summary>
    public string? ExpiresIn { get; set; } = "3600";

    /// <summary>No answer before this completes.</summary>
    public Task Gate { get; set; } = Task.CompletedTask;

    /// <summary>What is answered to everybody instead of a token.</summary>
    public (int Status, string Body)? Instead { get; set; }

    /// <summary>Starts one.</summary>
    /// <param name="clientId">The only client.</param>
    /// <param name="secrets">Its secrets; any of them will do.</param>
    /// <param name="certificate">For TLS. Default without.</param>
    public static async Task<TokenServer> StartAsync(string clientId, IEnumerable<string> secrets, TestCertificate? certificate = null)
    {
        var server = new TokenServer(clientId, secrets, certificate);
        await server._server.StartAsync();
        return server;
    }

    private async Task HandleAsync(HttpContext context)
    {
        var form = await context.Request.ReadFormAsync(context.RequestAborted);
        var request = new TokenRequest(
            context.Request.Headers.Authorization, form.ToDictionary(field => field.Key, field => field.Value.ToString()));
        _requests.Enqueue(request);
        await Gate.WaitAsync(context.RequestAborted);
        var (status, body) = Instead ?? Answer(request);
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/json";
        if (status is >= 300 and <= 399)
            context.Response.Headers.Location = "/elsewhere";
        await context.Response.WriteAsync(body, context.RequestAborted);
    }

    private (int Status, string Body) Answer(TokenRequest request)
    {
        if (request.Form.GetValueOrDefault("grant_type") != "client_credentials")
            return (400, """{"error":"unsupported_grant_type"}""");
        var (id, secret) = request.Client;
        if (id != _clientId || secret is null || !_secrets.Contains(secret))
            return (401, """{"error":"invalid_client"}""");
        var expiry = ExpiresIn is null ? "" : $",\"expires_in\":{ExpiresIn}";
        return (200, $$"""{"access_token":"token-{{Interlocked.Increment(ref _issued)}}","token_type":"bearer"{{expiry}}}""");
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _server.StopAsync();
        await _server.DisposeAsync();
    }
}

/// <summary>What a client asked with.</summary>
/// <param name="Authorization">The header; <see langword="null"/> where it is absent.</param>
/// <param name="Form">The body.</param>
public sealed record TokenRequest(string? Authorization, IReadOnlyDictionary<string, string> Form)
{
    /// <summary>The id and the secret, from the header or the body, never from both (RFC 6749, section 2.3).</summary>
    public (string? Id, string? Secret) Client
    {
        get
        {
            var (id, secret) = (Form.GetValueOrDefault("client_id"), Form.GetValueOrDefault("client_secret"));
            if (Authorization is null)
                return (id, secret);
            if (id is not null || secret is not null || !Authorization.StartsWith("Basic ", StringComparison.Ordinal))
                return (null, null);
            var pair = Encoding.ASCII.GetString(Convert.FromBase64String(Authorization["Basic ".Length..])).Split(':');
            return pair.Length == 2 ? (WebUtility.UrlDecode(pair[0]), WebUtility.UrlDecode(pair[1])) : (null, null);
        }
    }
}
