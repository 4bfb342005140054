using System.Net;
using System.Text;
using System.Text.Json;
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
    /// <summary>No token is used for longer, whatever its endpoint says.</summary>
    internal static readonly TimeSpan LongestLife = TimeSpan.FromHours(24);

    /// <summary>How long a token is used whose endpoint does not say how long it lives.</summary>
    internal static readonly TimeSpan DefaultLife = TimeSpan.FromMinutes(5);

    // One that expires as it is issued would be asked for without end.
    private static readonly TimeSpan ShortestLife = TimeSpan.FromSeconds(1);

    private const int AnswerLimit = 64 * 1024;
    private static readonly TimeSpan MostMargin = TimeSpan.FromSeconds(30);

    // RFC 6749, section 5.2. Anything else that stands there may repeat what it was sent.
    private static readonly string[] KnownErrors =
        ["invalid_request", "invalid_client", "invalid_grant", "unauthorized_client", "unsupported_grant_type", "invalid_scope"];

    // Half, so that there is time left for the attempt that waits for the token.
    private readonly TimeSpan _limit = destination.Timeout / 2;

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
                ? TokenIn(answer)
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

    private AccessToken TokenIn(ReadOnlyMemory<byte> answer)
    {
        using var document = TryParse(answer) ?? throw Fault("answered no JSON object");
        var token = TextOf(document.RootElement, "access_token");
        if (token is not { Length: > 0 } || token.Any(c => c is <= ' ' or > '~'))
            throw Fault("answered without an access_token that can be sent");

        if (TextOf(document.RootElement, "token_type") is { } type && !type.Equals("Bearer", StringComparison.OrdinalIgnoreCase))
            throw Fault("gave a token that is not of the type Bearer");

        var life = LifeIn(document.RootElement);
        var margin = life / 5 < MostMargin ? life / 5 : MostMargin;
        return new AccessToken(token, time.GetUtcNow() + life - margin);
    }

    private static string ErrorIn(ReadOnlyMemory<byte> answer)
    {
        using var document = TryParse(answer);
        var error = document is null ? null : TextOf(document.RootElement, "error");
        return KnownErrors.Contains(error) ? $" ({error})" : "";
    }

    private static JsonDocument? TryParse(ReadOnlyMemory<byte> answer)
    {
        try
        {
            var document = JsonDocument.Parse(answer);
            if (document.RootElement.ValueKind == JsonValueKind.Object)
                return document;

            document.Dispose();
            return null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static string? TextOf(JsonElement answer, string name)
    {
        try
        {
            return answer.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
        }
        catch (InvalidOperationException)
        {
            // An escape that stands for half a character.
            return null;
        }
    }

    /// <summary>A number by the standard; some write it as a text.</summary>
    private static TimeSpan LifeIn(JsonElement answer)
    {
        if (!answer.TryGetProperty("expires_in", out var value))
            return DefaultLife;

        var text = value.ValueKind == JsonValueKind.String ? TextOf(answer, "expires_in") : value.GetRawText();
        return double.TryParse(text, System.Globalization.CultureInfo.InvariantCulture, out var seconds) && !double.IsNaN(seconds)
            ? TimeSpan.FromSeconds(Math.Clamp(seconds, ShortestLife.TotalSeconds, LongestLife.TotalSeconds))
            : DefaultLife;
    }

    private static AccessTokenException Fault(string what) => new($"the token endpoint {what}");
}
