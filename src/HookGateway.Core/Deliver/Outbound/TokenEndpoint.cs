using System.Net;
using System.Text;
using HookGateway.Configuration;
using HookGateway.Events;

namespace HookGateway.Deliver.Outbound;

/// <summary>
/// Asks for access tokens by OAuth2 client credentials (RFC 6749, section 4.4), through the destination's own client: its
/// authorities, its proxy, no redirects, and <c>egress</c> decides which address is dialled.
/// </summary>
internal sealed class TokenEndpoint(
    DestinationConfiguration destination, AuthConfiguration.OAuth2 oauth2, Func<HttpMessageInvoker> client, EgressGuard egress,
    TimeProvider time)
{
    private static readonly TokenFields Fields = new("access_token", "token_type", "expires_in");

    private const int AnswerLimit = 64 * 1024;

    // RFC 6749, section 5.2. Anything else that stands there may repeat what it was sent.
    private static readonly string[] KnownErrors =
        ["invalid_request", "invalid_client", "invalid_grant", "unauthorized_client", "unsupported_grant_type", "invalid_scope"];

    // Half, so that there is time left for the attempt that waits for the token.
    private readonly TimeSpan _limit = destination.Timeout / 2;

    /// <summary>Everything that decides what is issued.</summary>
    public IEnumerable<string> IssuedFor =>
    [
        oauth2.TokenUrl.AbsoluteUri, oauth2.ClientId, oauth2.ClientSecret, oauth2.SecretInBody ? "body" : "basic",
        .. oauth2.Parameters.SelectMany(parameter => new[] { parameter.Key, parameter.Value }),
    ];

    /// <exception cref="AccessTokenException">It gives none.</exception>
    /// <exception cref="OperationCanceledException">Nobody waits for it any more.</exception>
    public async ValueTask<AccessToken> RequestAsync(CancellationToken cancellationToken)
    {
        using var tooLong = new CancellationTokenSource(_limit, time);
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, tooLong.Token);
        try
        {
            if (destination.Proxy is not null)
                egress.CheckLiteral(oauth2.TokenUrl);

            using var request = CreateRequest();
            using var response = await client().SendAsync(request, ended.Token).ConfigureAwait(false);
            var answer = await ReadAsync(response.Content, ended.Token).ConfigureAwait(false);
            return response.IsSuccessStatusCode
                ? TokenAnswer.Read(answer, Fields, time.GetUtcNow())
                : throw Fault($"answered HTTP {(int)response.StatusCode}{ErrorIn(answer)}");
        }
        catch (OperationCanceledException) when (tooLong.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw Fault($"did not answer within {_limit.TotalSeconds:0.###} s");
        }
        catch (Exception error) when (error is not AccessTokenException && !cancellationToken.IsCancellationRequested)
        {
            throw Fault($"could not be asked: {Failures.Describe(error).Detail}");
        }
    }

    private HttpRequestMessage CreateRequest()
    {
        List<KeyValuePair<string, string>> form = [new("grant_type", "client_credentials"), .. oauth2.Parameters];
        if (oauth2.SecretInBody)
            form.AddRange([new("client_id", oauth2.ClientId), new("client_secret", oauth2.ClientSecret)]);

        var request = new HttpRequestMessage(HttpMethod.Post, oauth2.TokenUrl)
        {
            Content = new FormUrlEncodedContent(form),
            Version = oauth2.TokenUrl.Scheme == Uri.UriSchemeHttps ? HttpVersion.Version20 : HttpVersion.Version11,
            VersionPolicy = HttpVersionPolicy.RequestVersionOrLower,
        };
        request.Headers.TryAddWithoutValidation("Accept", "application/json");
        if (!oauth2.SecretInBody)
        {
            var pair = $"{FormEncoded(oauth2.ClientId)}:{FormEncoded(oauth2.ClientSecret)}";
            request.Headers.TryAddWithoutValidation("Authorization", $"Basic {Convert.ToBase64String(Encoding.ASCII.GetBytes(pair))}");
        }

        return request;
    }

    // RFC 6749, section 2.3.1: both are encoded as in a form before they become user name and password.
    private static string FormEncoded(string text) => Uri.EscapeDataString(text).Replace("%20", "+", StringComparison.Ordinal);

    private static async ValueTask<ReadOnlyMemory<byte>> ReadAsync(HttpContent content, CancellationToken cancellationToken)
    {
        var buffer = new byte[AnswerLimit + 1];
        var stream = await content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
        var read = await stream.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancellationToken).ConfigureAwait(false);
        return read <= AnswerLimit ? buffer.AsMemory(0, read) : throw Fault("answered more than 64 KiB");
    }

    private static string ErrorIn(ReadOnlyMemory<byte> answer)
    {
        var error = TokenAnswer.TextIn(answer, "error");
        return KnownErrors.Contains(error) ? $" ({error})" : "";
    }

    private static AccessTokenException Fault(string what) => new($"the token endpoint {what}");
}
