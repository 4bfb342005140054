using System.CommandLine.Parsing;

namespace HookGateway.Host.Commands;

/// <summary>Options that take a URL.</summary>
internal static class UrlOption
{
    /// <summary>Reads an absolute http or https URL, or says what is wrong with it.</summary>
    public static Uri? Parse(ArgumentResult result)
    {
        var text = result.Tokens[0].Value;
        if (Uri.TryCreate(text, UriKind.Absolute, out var url) && (url.Scheme == Uri.UriSchemeHttp || url.Scheme == Uri.UriSchemeHttps))
            return url;
        result.AddError($"'{text}' is no URL: write it whole, as in https://localhost:8443.");
        return null;
    }
}
