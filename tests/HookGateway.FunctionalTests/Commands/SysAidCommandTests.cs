using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using HookGateway.Testing;
using HookGateway.Testing.Downstream;
using HookGateway.Testing.Gateway;
using HookGateway.Testing.Senders;
using HookGateway.Testing.SysAid;
using Xunit;

namespace HookGateway.FunctionalTests.Commands;

/// <summary><c>sysaid …</c> with the real program, against an API on a real socket.</summary>
public sealed class SysAidCommandTests : IAsyncLifetime
{
    private const string PublicUrl = "https://hooks.example.com/in";

    private readonly TemporaryDirectory _files = new();
    private FakeConnectApi _api = null!;

    public async ValueTask InitializeAsync()
    {
        _api = await FakeConnectApi.StartAsync();
        _files.Write("key", FakeConnectApi.ClientSecret + "\n");
        _files.Write("config/hookgateway.yaml", Yaml(Api()));
    }

    public async ValueTask DisposeAsync()
    {
        await _api.DisposeAsync();
        _files.Dispose();
    }

    [Fact]
    public async Task Subscribe_SubscribesTheSourcesPublicUrlToBothEvents()
    {
        var run = await RunAsync("subscribe");

        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        var subscription = Assert.Single(_api.Subscriptions);
        Assert.Equal($"{PublicUrl}/hooks/sysaid", (string)subscription["url"]!);
        Assert.Equal("""["sr.created","sr.updated"]""", subscription["eventNames"]!.ToJsonString());
        Assert.StartsWith("SysAid answered HTTP 201:\n{\n  \"url\": ", run.Output);
        Assert.DoesNotContain("secret", run.Output);
    }

    [Fact]
    public async Task Subscribe_WithOptions_SubscribesWhatTheySay()
    {
        var run = await RunAsync(
            "subscribe", "--url", "https://other.example/a?b=c&d=e", "--event", "sr.created", "--event", "sr.created", "--description", "Ünsere");

        Assert.Equal(0, run.ExitCode);
        Assert.Equal(
            """{"url":"https://other.example/a?b=c&d=e","description":"Ünsere","eventNames":["sr.created"]}""", _api.Requests[^1].Body);
    }

    [Fact]
    public async Task Subscribe_AnswerHasASecret_ShowsItOnceWithWhatToDo()
    {
        _api.TellsSecret = true;

        var run = await RunAsync("subscribe");

        Assert.Equal(0, run.ExitCode);
        Assert.Contains("\"signingSecret\": \"***\"", run.Output);
        Assert.Equal(2, run.Output.Split(FakeConnectApi.WebhookSecret).Length);
        Assert.Contains($"\nsigningSecret: {FakeConnectApi.WebhookSecret}\n", run.Output);
        Assert.Contains("sources.sysaid.secrets", run.Output);
    }

    [Theory]
    [InlineData("""[{"id":1,"secret":"s3cret"}]""", "{\"id\":1,\"secret\":\"***\"}\n")]
    [InlineData("""{"id":1,"secret":"s3cret"}""", "SysAid answered HTTP 200:\n{\n  \"id\": 1,\n  \"secret\": \"***\"\n}\n")]
    public async Task List_AnswerHasASecret_DoesNotShowIt(string body, string output)
    {
        _api.Fail(new Answer.Responding(200) { Body = Encoding.UTF8.GetBytes(body) });

        Assert.Equal((0, output), await OutputAsync("list"));
    }

    [Fact]
    public async Task Subscribe_Json_IsOneObjectWithTheSecretApart()
    {
        _api.TellsSecret = true;

        var run = await RunAsync("subscribe", "--json");

        var answer = JsonDocument.Parse(run.Output).RootElement;
        Assert.Single(run.Output.TrimEnd().Split('\n'));
        Assert.Equal((201, 1), (answer.GetProperty("status").GetInt32(), answer.GetProperty("body").GetProperty("id").GetInt32()));
        Assert.Equal("***", answer.GetProperty("body").GetProperty("signingSecret").GetString());
        Assert.Equal(FakeConnectApi.WebhookSecret, answer.GetProperty("secrets").GetProperty("signingSecret").GetString());
    }

    [Theory]
    [InlineData("", "SysAid answered HTTP 200.\n")]
    [InlineData("done\u001b[2J", "SysAid answered HTTP 200:\ndone\uFFFD[2J\n")]
    [InlineData("7", "SysAid answered HTTP 200:\n7\n")]
    public async Task Subscribe_AnswerOfAnyShape_IsReportedPlainly(string body, string output)
    {
        _api.Fail(new Answer.Responding(200) { Body = Encoding.UTF8.GetBytes(body) });

        Assert.Equal((0, output), await OutputAsync("subscribe"));
    }

    [Fact]
    public async Task DryRun_PrintsExactlyWhatWouldGoOutAndSendsNothing()
    {
        var dry = await RunAsync("subscribe", "--dry-run");

        Assert.Equal((0, ""), (dry.ExitCode, dry.Error));
        Assert.Empty(_api.Requests);
        Assert.DoesNotContain(FakeConnectApi.ClientSecret, dry.Output);

        await RunAsync("subscribe");
        var sent = _api.Requests[^1];
        Assert.Equal(
            $"POST {_api.Url}/webhooks\nx-sysaid-accountid: {sent.Header("x-sysaid-accountid")}\nAccept: {sent.Header("Accept")}\n"
            + $"Content-Type: {sent.Header("Content-Type")}\nAuthorization: Bearer ***\n\n{sent.Body}\n",
            dry.Output);
    }

    [Theory]
    [InlineData("GET", "/webhooks?limit=500&offset=0", "list")]
    [InlineData("DELETE", "/webhooks/a%2Fb", "unsubscribe", "a/b")]
    [InlineData("POST", "/webhooks/7/simulate", "simulate", "7")]
    public async Task DryRun_OfTheOthers_SendsNothingEither(string method, string path, params string[] words)
    {
        var run = await RunAsync([.. words, "--dry-run", "--json"]);

        var request = JsonDocument.Parse(run.Output).RootElement;
        Assert.Equal((method, _api.Url + path), (request.GetProperty("method").GetString(), request.GetProperty("url").GetString()));
        Assert.Equal("Bearer ***", request.GetProperty("headers").GetProperty("Authorization").GetString());
        Assert.Empty(_api.Requests);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task List_PrintsEachSubscriptionOnALineOfItsOwn(bool wraps)
    {
        _api.WrapsLists = wraps;
        await RunAsync("subscribe", "--url", "https://a.example/");
        await RunAsync("subscribe", "--url", "https://b.example/");

        var run = await RunAsync("list");

        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        Assert.Equal(
            ["https://a.example/", "https://b.example/"],
            run.Output.TrimEnd().Split('\n').Select(line => JsonDocument.Parse(line).RootElement.GetProperty("url").GetString()));
    }

    [Fact]
    public async Task Unsubscribe_EndsTheSubscription()
    {
        await RunAsync("subscribe");

        var run = await RunAsync("unsubscribe", "1");

        Assert.Equal((0, "SysAid answered HTTP 204.\n", 0), (run.ExitCode, run.Output, _api.Subscriptions.Count));
    }

    [Fact]
    public async Task Simulate_HasASignedEventPostedToTheUrl()
    {
        await using var receiver = await Receiver.StartAsync();
        await RunAsync("subscribe", "--url", receiver.Url.AbsoluteUri);

        var run = await RunAsync("simulate", "1", "--body", _files.Write("body.json", """{"a":1}"""));

        Assert.Equal(0, run.ExitCode);
        Assert.Equal("""{"a":1}""", _api.Requests[^1].Body);
        Assert.NotNull(Assert.Single(receiver.Arrivals).Header(SysAidSender.SignatureHeader));
    }

    [Theory]
    [InlineData(400, true)]
    [InlineData(415, true)]
    [InlineData(404, false)]
    public async Task Simulate_RefusedWithoutABody_SaysThatNothingWasPostedAlong(int status, bool says)
    {
        _api.Fail(new Answer.Responding(status) { Body = """{"statusCode":400,"message":"no"}"""u8.ToArray() });
        var without = await RunAsync("simulate", "1");
        _api.Fail(new Answer.Responding(status) { Body = """{"statusCode":400,"message":"no"}"""u8.ToArray() });
        var with = await RunAsync("simulate", "1", "--body", _files.Write("body.json", "{}"));

        Assert.Equal((1, 1), (without.ExitCode, with.ExitCode));
        Assert.Equal(says, without.Error.Contains("if SysAid wants a body, say --body FILE.", StringComparison.Ordinal));
        Assert.DoesNotContain("--body", with.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Key_ForAUser_PostsWhatIsPublishedAndShowsTheSecretOnce()
    {
        var password = _files.Write("password", "p\"ss wörd\n");

        var run = await RunAsync("key", "--user", "svc-hooks", "--password-file", password);

        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        var request = Assert.Single(_api.Requests);
        Assert.Equal(("POST", "/application-keys", FakeConnectApi.Account, null), (
            request.Method, request.Path, request.Header("x-sysaid-accountid"), request.Header("Authorization")));
        Assert.True(JsonNode.DeepEquals(
            new JsonObject { ["userName"] = "svc-hooks", ["password"] = "p\"ss wörd", ["applicationName"] = "HookGateway", ["description"] = "" },
            JsonNode.Parse(request.Body)));
        Assert.Contains("\"clientId\": \"client-", run.Output, StringComparison.Ordinal);
        Assert.Contains("\nclientSecret: secret-", run.Output, StringComparison.Ordinal);
        Assert.Contains("keep it where sources.sysaid.api.clientSecret takes it from", run.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("wörd", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Key_DryRun_PrintsTheRequestWithoutThePassword()
    {
        var run = await RunAsync("key", "--user", "svc-hooks", "--name", "gateway", "--token-lifetime", "60", "--dry-run");

        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        Assert.Equal(
            $"POST {_api.Url}/application-keys\nx-sysaid-accountid: {FakeConnectApi.Account}\nAccept: application/json\nContent-Type: application/json\n\n"
            + """{"userName":"svc-hooks","password":"***","applicationName":"gateway","description":"","tokenLifetime":60}""" + "\n",
            run.Output);
        Assert.Empty(_api.Requests);
    }

    [Theory]
    [InlineData("""{"statusCode":401,"message":"wrong: t0p-secret"}""", "SysAid answered HTTP 401: wrong: ***\n")]
    [InlineData("""{"error":"wrong","password":"t0p-secret"}""", "SysAid answered HTTP 401\n{\"error\":\"wrong\",\"password\":\"***\"}\n")]
    public async Task Key_Refused_DoesNotShowThePassword(string body, string error)
    {
        _api.Fail(new Answer.Responding(401) { Body = Encoding.UTF8.GetBytes(body) });

        var run = await RunAsync("key", "--user", "u", "--password-file", _files.Write("password", "t0p-secret"));

        Assert.Equal((1, "", error), (run.ExitCode, run.Output, run.Error));
        Assert.Single(_api.Requests);
    }

    [Fact]
    public async Task Refused_ExitsOneWithSysAidsWordsAndWhatCanBeDone()
    {
        var run = await RunAsync("unsubscribe", "7");

        Assert.Equal((1, ""), (run.ExitCode, run.Output));
        Assert.Equal(
            "SysAid answered HTTP 404: No webhook 7\n"
            + "If SysAid has this operation at another path, set it under the source: api: { routes: { webhook: /… } }.\n",
            run.Error);
    }

    [Fact]
    public async Task RefusedInAnotherShape_ShowsTheBodyWithoutSecrets()
    {
        _api.Fail(new Answer.Responding(400) { Body = """{"error":"no","token":"t0ken"}"""u8.ToArray() });

        var run = await RunAsync("subscribe");

        Assert.Equal((1, "SysAid answered HTTP 400\n{\"error\":\"no\",\"token\":\"***\"}\n"), (run.ExitCode, run.Error));
    }

    [Fact]
    public async Task Routes_OfTheConfiguration_AreAsked()
    {
        var config = _files.Write("routes.yaml", Yaml(Api("routes: { webhook: \"/v2/hooks/{id}\" }")));

        Assert.Equal(1, (await RunAsync("unsubscribe", "7", "--config", config)).ExitCode);
        Assert.Equal("/v2/hooks/7", _api.Requests[^1].Path);
    }

    [Fact]
    public async Task Nobody_Listening_ExitsOneAndSaysWhatItDoesMeanwhile()
    {
        await _api.GoAsync();

        var run = await RunAsync("list");

        Assert.Equal((1, ""), (run.ExitCode, run.Output));
        Assert.Contains("; trying again in ", run.Error);
        Assert.EndsWith("SysAid gave no access token: SysAid could not be asked: no connection: ConnectionRefused\n", run.Error);
    }

    [Theory]
    [InlineData("There is no source 'crm' in the configuration; there is: sysaid, plain.", "list", "--source", "crm")]
    [InlineData("sources.plain has no api: docs/sysaid.md says what to write there.", "list", "--source", "plain")]
    [InlineData("'..' cannot be the id of a subscription.", "unsubscribe", "..")]
    [InlineData("no/such/file", "simulate", "7", "--body", "no/such/file")]
    [InlineData("There is no password: set SYSAID_PASSWORD, or say --password-file.", "key", "--user", "u")]
    [InlineData("no/such/file", "key", "--user", "u", "--password-file", "no/such/file")]
    [InlineData("Option '--user' is required.", "key")]
    [InlineData("no/such.yaml", "list", "--config", "no/such.yaml")]
    [InlineData("'example.com' is no URL", "subscribe", "--url", "example.com")]
    [InlineData("Required argument 'ID' missing", "unsubscribe")]
    [InlineData("Required command was not provided")]
    public async Task WrongUsage_ExitsTwoAndSaysWhatIsWrong(string said, params string[] words)
    {
        var run = await RunAsync(words);

        Assert.Equal((2, ""), (run.ExitCode, run.Output));
        Assert.Contains(said, run.Error);
        Assert.DoesNotContain("   at ", run.Error);
        Assert.Empty(_api.Requests);
    }

    [Fact]
    public async Task BodyThatIsNoJson_ExitsTwo()
    {
        var body = _files.Write("body.json", "no JSON");

        var run = await RunAsync("simulate", "7", "--body", body);

        Assert.Equal((2, $"{body} is no JSON.\n"), (run.ExitCode, run.Error));
    }

    [Fact]
    public async Task NoPublicUrl_ExitsTwoUnlessAUrlIsGiven()
    {
        var config = _files.Write("local.yaml", Yaml(Api()).Replace($"listen: {{ publicUrl: \"{PublicUrl}\" }}", ""));

        var run = await RunAsync("subscribe", "--config", config);

        Assert.Equal((2, "Where does SysAid reach this gateway? Set listen.publicUrl, or say --url.\n"), (run.ExitCode, run.Error));
        Assert.Equal(0, (await RunAsync("subscribe", "--config", config, "--url", "https://a.example/")).ExitCode);
    }

    [Theory]
    [InlineData(0, "No source of the configuration has an api: docs/sysaid.md says what to write there.\n")]
    [InlineData(2, "Several sources have an api: say --source with one of sysaid, plain.\n")]
    public async Task Source_NotClear_ExitsTwo(int apis, string said)
    {
        var config = _files.Write("sources.yaml", Yaml(apis > 0 ? Api() : "", apis > 1 ? Api() : ""));

        var run = await RunAsync("list", "--config", config);

        Assert.Equal((2, said), (run.ExitCode, run.Error));
    }

    [Theory]
    [InlineData("sysaid", "--help")]
    [InlineData("sysaid", "subscribe", "--help")]
    [InlineData("sysaid", "key", "--help")]
    [InlineData("sysaid", "list", "--help")]
    [InlineData("sysaid", "unsubscribe", "--help")]
    [InlineData("sysaid", "simulate", "--help")]
    public async Task Help_OfEveryVerb_IsAResult(params string[] words)
    {
        var run = await CommandRun.OfAsync(words);

        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        Assert.Contains("Usage:", run.Output);
    }

    private Task<CommandRun> RunAsync(params string[] words) => CommandRun.OfAsync(["sysaid", .. words], _files.Path);

    private async Task<(int ExitCode, string Output)> OutputAsync(params string[] words)
    {
        var run = await RunAsync(words);
        return (run.ExitCode, run.Output);
    }

    private string Api(string more = "") => $$"""
        api: { url: "{{_api.Url}}", account: {{FakeConnectApi.Account}}, clientId: {{FakeConnectApi.ClientId}}, clientSecret: "${file:{{_files.File("key")}}}"{{(more.Length > 0 ? ", " + more : "")}} }
        """;

    private static string Yaml(string api, string second = "") => $$"""
        listen: { publicUrl: "{{PublicUrl}}" }
        sources:
          sysaid:
            preset: sysaid
            secrets: [s]
            {{api}}
          plain:
            preset: sysaid
            secrets: [s]
            {{second}}
        destinations: { d: { url: "http://127.0.0.1:9000/" } }
        routes: [{ source: sysaid, to: d }, { source: plain, to: d }]
        """;
}
