using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using HookGateway.Deliver.Outbound;
using HookGateway.Host.Commands;
using HookGateway.Testing;
using HookGateway.Testing.Gateway;
using HookGateway.Testing.Senders;
using Xunit;

namespace HookGateway.FunctionalTests.Commands;

public sealed class ReceiveCommandTests : IDisposable
{
    private const string Secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    private const string Other = "whsec_c2VjcmV0IG9mIHRoZSB0ZXN0IGl0c2VsZg==";

    private readonly TemporaryDirectory _files = new();

    public void Dispose() => _files.Dispose();

    [Fact]
    public async Task Request_OnAnyPath_IsToldWithWhatItCarries()
    {
        await using var receive = await RunningReceive.StartAsync("--json", "--status", "204");
        var body = SysAidEvent.Created(148);

        var answer = await receive.PostAsync(
            "/any/path?x=1", body, ("webhook-id", "0199"), ("X-HookGateway-Event", "sr.created"), ("X-HookGateway-Attempt", "2"));

        Assert.Equal(204, answer.Status);
        using var line = JsonDocument.Parse((await receive.OutputAsync("0199")).Trim());
        Assert.Equal("/any/path?x=1", line.RootElement.GetProperty("path").GetString());
        Assert.Equal("sr.created", line.RootElement.GetProperty("event").GetString());
        Assert.Equal("2", line.RootElement.GetProperty("attempt").GetString());
        Assert.Equal(body.Length, line.RootElement.GetProperty("size").GetInt64());
        Assert.Equal(SysAidEvent.Text(body), line.RootElement.GetProperty("body").GetString());
    }

    [Fact]
    public async Task Fail_OfAHundredPercent_AnswersEveryRequestWith503()
    {
        await using var receive = await RunningReceive.StartAsync("--fail", "100");

        Assert.Equal(503, (await receive.PostAsync("/", SysAidEvent.Created(1))).Status);
    }

    [Fact]
    public async Task Delay_HoldsTheAnswerBack()
    {
        await using var receive = await RunningReceive.StartAsync("--delay", "300ms");
        var start = Stopwatch.GetTimestamp();

        await receive.PostAsync("/", SysAidEvent.Created(1));

        Assert.True(Stopwatch.GetElapsedTime(start) >= TimeSpan.FromMilliseconds(290));
    }

    [Fact]
    public async Task HugeBody_IsCountedWholeAndShownInPart()
    {
        await using var receive = await RunningReceive.StartAsync();

        await receive.PostAsync("/", SysAidEvent.OfSize(1, 5_000_000));

        var output = await receive.OutputAsync("bytes");
        Assert.Contains("5000", output);
        Assert.InRange(output.Length, 1, 2_000);
    }

    [Fact]
    public async Task ControlCharacters_NeverReachTheTerminal()
    {
        await using var receive = await RunningReceive.StartAsync();

        await receive.PostAsync("/", "red: \u001b[31m"u8.ToArray());

        Assert.DoesNotContain('\u001b', await receive.OutputAsync("red"));
    }

    [Fact]
    public async Task SecretOfTheGateway_SaysOfEachDeliveryWhetherItsSignatureIsRight()
    {
        var other = _files.Write("other", "whsec_" + Convert.ToBase64String(new byte[24]));
        await using var right = await RunningReceive.StartAsync("--secret-file", _files.Write("secret", Secret + "\n"));
        await using var wrong = await RunningReceive.StartAsync("--secret-file", other);
        await using var json = await RunningReceive.StartAsync("--secret", Secret, "--json");
        await using var gateway = await GatewayProcess.StartAsync(ports => $$"""
            {{ports.Listen}}
            sources: { sysaid: { preset: sysaid, secrets: [s] } }
            destinations:
              right: { url: "{{right.Url}}", sign: { secrets: ["{{Other}}", "{{Secret}}"] } }
              wrong: { url: "{{wrong.Url}}", sign: { secrets: ["{{Secret}}"] } }
              json: { url: "{{json.Url}}", sign: { secrets: ["{{Secret}}"] } }
            routes: [{ source: sysaid, to: [right, wrong, json] }]
            """);
        using var sender = new SysAidSender(new Uri(gateway.HttpsUrl, "/hooks/sysaid"), "s");

        // Longer than what is shown.
        Assert.Equal(202, (await sender.SendAsync(SysAidEvent.OfSize(1, 200_000))).Status);

        Assert.Contains("-> 200  signature ok\n", await right.OutputAsync("signature"));
        Assert.Contains("-> 200  signature wrong: of another secret, or id, ", await wrong.OutputAsync("signature"));
        Assert.Contains("\"signature\":\"ok\"", await json.OutputAsync("signature"));
        Assert.Contains("warning", json.Error);
    }

    [Fact]
    public async Task SecretOfTheGateway_UnsignedStaleOrHalfSigned_IsToldApart()
    {
        await using var receive = await RunningReceive.StartAsync("--secret-file", _files.Write("secret", Secret));
        var now = TimeProvider.System.GetUtcNow();
        var body = SysAidEvent.Created(1);

        await receive.PostAsync("/unsigned", body);
        await receive.PostAsync("/stale", body, Signed(now - TimeSpan.FromMinutes(6), body));
        await receive.PostAsync("/ahead", body, Signed(now + TimeSpan.FromMinutes(6), body));
        await receive.PostAsync("/in-time", body, Signed(now - TimeSpan.FromMinutes(4), body));
        await receive.PostAsync("/altered", SysAidEvent.Created(2), Signed(now, body));
        await receive.PostAsync("/no-id", body, Signed(now, body)[1..]);
        await receive.PostAsync("/no-time", body, [.. Signed(now, body).Where(header => header.Name != "webhook-timestamp")]);
        await receive.PostAsync("/another", body, ("webhook-signature", "v2,x"), ("webhook-id", "1"), ("webhook-timestamp", "1"));

        var output = await receive.OutputAsync("/another");
        Assert.Matches("/unsigned .* not signed\n", output);
        Assert.Matches("/stale .* signature wrong: webhook-timestamp is 3[67][0-9] s old, 300 s at most\n", output);
        Assert.Matches("/ahead .* signature wrong: webhook-timestamp is 3[0-9]{2} s ahead, 300 s at most\n", output);
        Assert.Matches("/in-time .* signature ok\n", output);
        Assert.Matches("/altered .* signature wrong: of another secret, or id, timestamp or body ", output);
        Assert.Matches("/no-id .* signature wrong: webhook-id is absent", output);
        Assert.Matches("/no-time .* signature wrong: there is no webhook-timestamp\n", output);
        Assert.Matches("/another .* signature wrong: webhook-signature has none of the form v1,BASE64\n", output);
    }

    [Fact]
    public async Task Secret_NotGiven_NothingIsSaidOfSignatures()
    {
        await using var receive = await RunningReceive.StartAsync();

        await receive.PostAsync("/", SysAidEvent.Created(1), ("webhook-signature", "v1,x"));

        Assert.DoesNotContain("sign", await receive.OutputAsync("->"));
    }

    [Fact]
    public async Task Secret_OfTheEnvironment_IsRead()
    {
        var run = await CommandRun.OfAsync(["receive", "--port", "0"], null, ("HOOKGATEWAY_SIGN_SECRET", "whsec_not base64"));

        Assert.Equal((2, ""), (run.ExitCode, run.Output));
        Assert.Contains("not in base64", run.Error);
        Assert.DoesNotContain("whsec_not", run.Error);
    }

    [Theory]
    [InlineData("not in base64", "--secret", "whsec_")]
    [InlineData("not in base64", "--secret", "")]
    [InlineData("no/such/secret", "--secret-file", "no/such/secret")]
    public async Task Secret_ThatIsNone_ExitsTwoAndSaysWhy(string why, params string[] words)
    {
        var result = await CommandResult.OfAsync(["receive", "--port", "0", .. words]);

        Assert.Equal((2, ""), (result.ExitCode, result.Output));
        Assert.Contains(why, result.Error);
    }

    [Theory]
    [InlineData("203.0.113.9")]
    [InlineData("127.0.0.1")]
    public async Task Address_ThatCannotBeHad_ExitsOneAndNamesIt(string address)
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        var port = ((IPEndPoint)taken.LocalEndpoint).Port;

        var result = await CommandResult.OfAsync("receive", "--address", address, "--port", $"{port}");

        Assert.Equal((1, ""), (result.ExitCode, result.Output));
        Assert.StartsWith($"Cannot listen on {address}:{port}: ", result.Error);
    }

    private static (string Name, string Value)[] Signed(DateTimeOffset time, byte[] body) =>
    [
        ("webhook-id", "msg_1"),
        ("webhook-timestamp", time.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture)),
        ("webhook-signature", new WebhookSignature([Secret]).Of("msg_1", time, body)),
    ];

    private sealed class RunningReceive(Task<int> run, CancellationTokenSource end, Uri url, StringWriter output, StringWriter error)
        : IAsyncDisposable
    {
        public Uri Url => url;

        public string Error => error.ToString();

        public static async Task<RunningReceive> StartAsync(params string[] words)
        {
            var port = FreePorts.Take(1)[0];
            var output = new StringWriter();
            var error = new StringWriter();
            var end = new CancellationTokenSource();
            var (safeOutput, safeError) = (TextWriter.Synchronized(output), TextWriter.Synchronized(error));
            var run = CommandLine.RunAsync(["receive", "--port", $"{port}", .. words], safeOutput, safeError, end.Token);
            await Wait.UntilAsync(() => error.ToString().Contains("listening"), "the receiver to listen");
            return new RunningReceive(run, end, new Uri($"http://127.0.0.1:{port}"), output, error);
        }

        public async Task<SenderAnswer> PostAsync(string path, byte[] body, params (string Name, string Value)[] headers)
        {
            using var sender = new SysAidSender(new Uri(url, path), "unused");
            return await sender.PostAsync(body, headers);
        }

        public async Task<string> OutputAsync(string part)
        {
            await Wait.UntilAsync(() => output.ToString().Contains(part), $"'{part}' in the output");
            return output.ToString();
        }

        public async ValueTask DisposeAsync()
        {
            await end.CancelAsync();
            Assert.Equal(ExitCode.Done, await Wait.ForAsync(run, "the command to end"));
            end.Dispose();
        }
    }
}
