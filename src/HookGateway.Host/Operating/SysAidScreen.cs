using System.Text;
using System.Text.Json;
using HookGateway.Host.Commands;
using HookGateway.SysAid;
using Spectre.Console;

namespace HookGateway.Host.Operating;

/// <summary>Shows what goes to SysAid and what comes from it, for people or as JSON.</summary>
internal sealed class SysAidScreen(Terminal terminal, bool json)
{
    private const int LongestText = 64 * 1024;

    /// <summary>A request as it would go out: all of it but the access token, which is not asked for.</summary>
    public void Show(ApiRequest request)
    {
        var headers = request.NeedsToken
            ? [.. request.Headers, new("Authorization", $"Bearer {SecretFields.Mask}")]
            : request.Headers;
        var body = request.Body is null ? null : Encoding.UTF8.GetString(request.Body);
        if (json)
        {
            var line = new SysAidRequestLine(request.Method.Method, request.Url.AbsoluteUri, new(headers), body);
            terminal.WriteLine(JsonSerializer.Serialize(line, CommandJson.Default.SysAidRequestLine));
            return;
        }

        terminal.WriteLine($"{request.Method} {request.Url.AbsoluteUri}");
        foreach (var (name, value) in headers)
            terminal.WriteLine($"{name}: {value}");

        if (body is not null)
            terminal.WriteLine($"\n{body}");
    }

    /// <summary>An answer of whatever shape. What looks like a secret stands apart from it.</summary>
    /// <param name="answer">What came.</param>
    /// <param name="advice">What to do with a secret, which is shown with it; <see langword="null"/> where none is to be shown.</param>
    public void Show(ApiAnswer answer, string? advice)
    {
        var secrets = new List<KeyValuePair<string, string>>();
        var masked = answer.Json is { } body ? SecretFields.Masked(body, isIndented: !json, secrets) : null;
        if (advice is null)
            secrets.Clear();

        if (json)
        {
            var line = new SysAidAnswerLine(
                answer.Status, masked is null ? null : JsonElement.Parse(masked), masked is null ? TextOf(answer) : null,
                secrets.Count == 0 ? null : new(secrets));
            terminal.WriteLine(JsonSerializer.Serialize(line, CommandJson.Default.SysAidAnswerLine));
            return;
        }

        terminal.WriteLine($"SysAid answered {answer}{(answer.Body.IsEmpty ? "." : ":")}", answer.IsSuccess ? Color.Green : Color.Yellow);
        if (!answer.Body.IsEmpty)
            terminal.WriteLine(masked ?? TextOf(answer));

        foreach (var (field, secret) in secrets)
        {
            terminal.WriteLine($"\n{field}: {secret}", Color.Yellow);
            terminal.WriteLine(
                $"This looks like a secret, and is shown this once. {advice} takes it from: " + "an environment variable (${NAME}) or a file (${file:PATH}).");
        }
    }

    /// <summary>One of a list, on one line, without what looks like a secret.</summary>
    public void ShowItem(JsonElement item) => terminal.WriteLine(SecretFields.Masked(item, isIndented: false, []));

    private static string TextOf(ApiAnswer answer) =>
        answer.Text is { Length: > LongestText } text ? $"{text[..LongestText]}…" : answer.Text;
}

/// <summary><c>--dry-run --json</c>.</summary>
internal sealed record SysAidRequestLine(string Method, string Url, Dictionary<string, string> Headers, string? Body);

/// <summary>What <c>sysaid … --json</c> was answered: <c>Body</c> where it is JSON, else <c>Text</c>.</summary>
internal sealed record SysAidAnswerLine(int Status, JsonElement? Body, string? Text, Dictionary<string, string>? Secrets);
