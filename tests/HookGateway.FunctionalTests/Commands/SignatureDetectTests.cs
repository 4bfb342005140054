using System.Text;
using System.Text.Json;
using HookGateway.Testing;
using HookGateway.Testing.Downstream;
using HookGateway.Testing.Gateway;
using Xunit;

namespace HookGateway.FunctionalTests.Commands;

/// <summary>An operator's way from a sender whose scheme nobody knows to a source that verifies it.</summary>
public sealed class SignatureDetectTests : IDisposable
{
    private const string Secret = "of the tenant";

    // Not what the preset takes for granted.
    private const string Unknown = """
        { hmac: { header: X-Sysaid-Signature, format: "t={timestamp},v2={signature}", hash: sha512, encoding: base64, content: "{timestamp}:{body}" } }
        """;

    private readonly TemporaryDirectory _files = new();

    public void Dispose() => _files.Dispose();

    [Fact]
    public async Task UnknownScheme_CapturedAndDetected_IsVerifiedByTheYamlThatWasPrinted()
    {
        await using var downstream = await Receiver.StartAsync();
        await using var gateway = await GatewayProcess.StartAsync(ports => Configuration(ports, downstream, "    verify: capture\n"));
        Assert.Contains("verify: capture", gateway.Output, StringComparison.Ordinal);

        var sent = await SendAsync(gateway);
        Assert.Equal((0, 202, "captured"), (sent.ExitCode, sent.Status, sent.Word));
        var file = Assert.Single(Directory.GetFiles(Path.Combine(gateway.Directory, "data", "capture"), "sysaid-*.http"));
        await Wait.UntilAsync(() => gateway.Output.Contains(file, StringComparison.Ordinal), "the log to name the file");
        Assert.Empty(await EventsAsync(gateway));

        var detected = await CommandRun.OfAsync(
            ["signature", "detect", "--request", file, "--secret-env", "TENANT_SECRET"], gateway.Directory, ("TENANT_SECRET", Secret));
        Assert.True(detected.ExitCode == 0, detected.Error);
        Assert.DoesNotContain(Secret, detected.Output + detected.Error);

        Assert.Equal(0, await gateway.TerminateAsync());
        var verify = string.Concat(detected.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => $"    {line}\n"));
        gateway.Configure(Configuration(gateway.Ports, downstream, verify));
        await gateway.StartAgainAsync();

        Assert.Equal((0, 202, "accepted"), await SendAsync(gateway));
        Assert.Equal("sr.created", (await downstream.WaitForAsync(all => all.Count > 0))[0].Header("X-HookGateway-Event"));
        var forged = await CommandResult.OfAsync(["send", "sysaid", "--config", Sender(gateway), "--secret-file", _files.Write("forger", "no")]);
        Assert.StartsWith("401  ", forged.Output);
    }

    [Fact]
    public async Task Capture_WhereTheFolderCannotBe_Answers503()
    {
        await using var downstream = await Receiver.StartAsync();
        await using var gateway = await GatewayProcess.StartAsync(ports => Configuration(ports, downstream, "    verify: capture\n"));
        await File.WriteAllTextAsync(Path.Combine(gateway.Directory, "data", "capture"), "in its way", TestContext.Current.CancellationToken);

        Assert.Equal((1, 503, ""), await SendAsync(gateway));
    }

    [Fact]
    public async Task Capture_FromAnAddressThatIsNotAllowed_IsRefusedAndNotKept()
    {
        await using var downstream = await Receiver.StartAsync();
        await using var gateway = await GatewayProcess.StartAsync(
            ports => Configuration(ports, downstream, "    verify: capture\n    allow: [203.0.113.0/24]\n"));

        Assert.Equal((1, 401, ""), await SendAsync(gateway));
        Assert.False(Directory.Exists(Path.Combine(gateway.Directory, "data", "capture")));
    }

    [Fact]
    public async Task Detect_KeepsToItsExitCodes_AndItsStreams()
    {
        var request = _files.Write("request.http", "POST / HTTP/1.1\nX-Sig: \u001b[31m\n\n{}");
        var secret = _files.Write("secret", "s\n");

        var found = await DetectAsync("--request", GitHub(), "--secret-file", _files.Write("github", "It's a Secret to Everybody\n"));
        Assert.Equal(0, found.ExitCode);
        Assert.StartsWith("verify:\n  hmac:\n    header: \"X-Hub-Signature-256\"\n", found.Output);
        Assert.EndsWith($"\n# the secret, beside it: secrets: [\"${{file:{_files.File("github")}}}\"]\n", found.Output);

        var none = await DetectAsync("--request", request, "--secret-file", secret);
        Assert.Equal((1, ""), (none.ExitCode, none.Output));
        Assert.Contains("No header looks like a signature. Seen: X-Sig.", none.Error);

        var unreadable = await DetectAsync("--request", _files.Write("empty", ""), "--secret-file", secret);
        Assert.Equal((2, "", "The captured request cannot be read: it is empty.\n"), (unreadable.ExitCode, unreadable.Output, unreadable.Error));
        Assert.Equal(2, (await DetectAsync("--request", "no/such/file", "--secret-file", secret)).ExitCode);
        Assert.Equal(2, (await DetectAsync("--request", request)).ExitCode);
        Assert.Equal(2, (await DetectAsync("--request", request, "--secret-env", "HOOKGATEWAY_TEST_NOT_SET")).ExitCode);
        Assert.Equal(2, (await DetectAsync("--request", request, "--secret", "s", "--secret-file", secret)).ExitCode);
        Assert.Contains("other users of this machine can see", (await DetectAsync("--request", request, "--secret", "s")).Error);
    }

    [Fact]
    public async Task WhatTheSenderNamed_NeverReachesTheTerminalAsControl()
    {
        var result = await DetectAsync("--request", _files.Write("request", "curl h --\u001b[31m x"), "--secret", "s");

        Assert.Equal(2, result.ExitCode);
        Assert.Contains("--?[31m", result.Error);
        Assert.DoesNotContain('\u001b', result.Error);
    }

    private static Task<CommandResult> DetectAsync(params string[] words) => CommandResult.OfAsync(["signature", "detect", .. words]);

    private string GitHub() => _files.Write(
        "github.http",
        "POST / HTTP/1.1\nX-Hub-Signature-256: sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17\n\nHello, World!");

    private async Task<(int ExitCode, int Status, string Word)> SendAsync(GatewayProcess gateway)
    {
        var result = await CommandResult.OfAsync(["send", "sysaid", "--json", "--config", Sender(gateway)]);
        var answer = JsonElement.Parse(Encoding.UTF8.GetBytes(result.Output));
        return (result.ExitCode, answer.GetProperty("status").GetInt32(), answer.TryGetProperty("result", out var word) ? word.GetString() ?? "" : "");
    }

    // What the sender's side knows and the gateway's does not.
    private string Sender(GatewayProcess gateway) => _files.Write("sender.yaml", $$"""
        {{gateway.Ports.Listen}}
        sources: { sysaid: { preset: sysaid, secrets: ["{{Secret}}"], verify: {{Unknown.Trim()}} } }
        destinations: { d: { url: "http://127.0.0.1:9/" } }
        routes: [{ source: sysaid, to: d }]
        """);

    private static async Task<string> EventsAsync(GatewayProcess gateway)
    {
        var events = await gateway.Client.GetStringAsync(new Uri(gateway.AdminUrl, "/api/v1/events"), TestContext.Current.CancellationToken);
        return JsonElement.Parse(Encoding.UTF8.GetBytes(events)).GetProperty("events").GetArrayLength() == 0 ? "" : events;
    }

    private static string Configuration(GatewayPorts ports, Receiver downstream, string verify) => $$"""
        {{ports.Listen}}
        destinations: { d: { url: "{{downstream.Url}}" } }
        routes: [{ source: sysaid, to: d }]
        sources:
          sysaid:
            preset: sysaid
            secrets: ["{{Secret}}"]
        {{verify}}
        """;
}
