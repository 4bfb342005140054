using System.Text;
using HookGateway.Configuration;

namespace HookGateway.Deliver.Outbound;

/// <summary>Puts on a request what <c>auth</c> says.</summary>
internal static class RequestCredentials
{
    /// <param name="auth">What the destination configures.</param>
    /// <param name="request">What carries it.</param>
    /// <param name="token">Needed for OAuth2.</param>
    public static void Apply(AuthConfiguration auth, HttpRequestMessage request, AccessToken? token = null)
    {
        switch (auth)
        {
            case AuthConfiguration.Basic basic:
                var pair = Convert.ToBase64String(Encoding.UTF8.GetBytes($"{basic.Username}:{basic.Password}"));
                request.Headers.TryAddWithoutValidation("Authorization", $"Basic {pair}");
                break;

            case AuthConfiguration.Bearer bearer:
                request.Headers.TryAddWithoutValidation("Authorization", $"Bearer {bearer.Token}");
                break;

            case AuthConfiguration.ApiKey { InQuery: true } key:
                request.RequestUri = WithParameter(request.RequestUri!, key.Name, key.Value);
                break;

            case AuthConfiguration.ApiKey key:
                request.Headers.TryAddWithoutValidation(key.Name, key.Value);
                break;

            case AuthConfiguration.OAuth2 when token is not null:
                request.Headers.TryAddWithoutValidation("Authorization", $"Bearer {token.Value}");
                break;

            default:
                throw new InvalidOperationException($"No way to apply {auth}.");
        }
    }

    private static Uri WithParameter(Uri url, string name, string value) => new(
        $"{url.AbsoluteUri}{(url.Query.Length > 0 ? '&' : '?')}{Uri.EscapeDataString(name)}={Uri.EscapeDataString(value)}");
}
