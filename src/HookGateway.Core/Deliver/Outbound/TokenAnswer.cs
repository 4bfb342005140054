using System.Globalization;
using System.Text.Json;

namespace HookGateway.Deliver.Outbound;

/// <summary>What the fields of a token endpoint's answer are called.</summary>
/// <param name="Token">The token itself.</param>
/// <param name="Type">Its type, which must be <c>Bearer</c> where it is given.</param>
/// <param name="Life">How many seconds it lives.</param>
internal sealed record TokenFields(string Token, string Type, string Life);

/// <summary>Reads what a token endpoint answered. Nothing of it but the token is ever passed on.</summary>
internal static class TokenAnswer
{
    /// <summary>No token is used for longer, whatever its endpoint says.</summary>
    internal static readonly TimeSpan LongestLife = TimeSpan.FromHours(24);

    /// <summary>How long a token is used whose endpoint does not say how long it lives.</summary>
    internal static readonly TimeSpan DefaultLife = TimeSpan.FromMinutes(5);

    // One that expires as it is issued would be asked for without end.
    private static readonly TimeSpan ShortestLife = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan MostMargin = TimeSpan.FromSeconds(30);

    /// <summary>The token, to be used until a little before it expires.</summary>
    /// <exception cref="AccessTokenException">There is none in it.</exception>
    public static AccessToken Read(ReadOnlyMemory<byte> answer, TokenFields fields, DateTimeOffset now)
    {
        using var document = TryParse(answer) ?? throw Fault("answered no JSON object");
        var token = TextOf(document.RootElement, fields.Token);
        if (token is not { Length: > 0 } || token.Any(c => c is <= ' ' or > '~'))
            throw Fault($"answered no {fields.Token} that can be sent");

        if (TextOf(document.RootElement, fields.Type) is { } type && !type.Equals("Bearer", StringComparison.OrdinalIgnoreCase))
            throw Fault("gave a token that is not of the type Bearer");

        var life = LifeIn(document.RootElement, fields.Life);
        var margin = life / 5 < MostMargin ? life / 5 : MostMargin;
        return new AccessToken(token, now + life - margin);
    }

    /// <summary>A field that is text; <see langword="null"/> where it is not, or the answer is no JSON object.</summary>
    public static string? TextIn(ReadOnlyMemory<byte> answer, string name)
    {
        using var document = TryParse(answer);
        return document is null ? null : TextOf(document.RootElement, name);
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
    private static TimeSpan LifeIn(JsonElement answer, string name)
    {
        if (!answer.TryGetProperty(name, out var value))
            return DefaultLife;

        var text = value.ValueKind == JsonValueKind.String ? TextOf(answer, name) : value.GetRawText();
        return double.TryParse(text, CultureInfo.InvariantCulture, out var seconds) && !double.IsNaN(seconds)
            ? TimeSpan.FromSeconds(Math.Clamp(seconds, ShortestLife.TotalSeconds, LongestLife.TotalSeconds))
            : DefaultLife;
    }

    private static AccessTokenException Fault(string what) => new($"the token endpoint {what}");
}
