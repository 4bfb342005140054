using System.Text;
using System.Text.Json;
using HookGateway.Testing;
using HookGateway.Testing.Downstream;
using Xunit;

namespace HookGateway.FunctionalTests.Commands;

/// <summary><c>send</c> to a gateway that runs by the same configuration file.</summary>
public sealed class SendCommandTests(SendGateway fixture) : IClassFixture<SendGateway>, IDisposable
{
    private readonly TemporaryDirectory _files = new();

    public void Dispose() => _files.Dispose();

    [Fact]
    public async Task Sample_IsAcceptedAndDelivered()
    {
        var result = await SendAsync("sysaid", "--json");

        Assert.Equal((0, ""), (result.ExitCode, result.Error));
        var answer = Json(Assert.Single(result.Lines));
        Assert.Equal((202, "accepted"), (answer.GetProperty("status").GetInt32(), answer.GetProperty("result").GetString()));
        var arrival = await ArrivalOf(answer.GetProperty("id").GetString()!);
        Assert.Equal("sr.created", arrival.Header("X-HookGateway-Event"));
    }

    [Fact]
    public async Task EventAndId_ArriveAsNamed_AndTheSameIdAgainIsADuplicate()
    {
        string[] words = ["sysaid", "--event", "sr.updated", "--id", "of-the-test"];

        var first = await SendAsync(words);
        var second = await SendAsync(words);

        Assert.Equal((0, 0), (first.ExitCode, second.ExitCode));
        Assert.StartsWith("202  accepted  ", first.Output);
        Assert.StartsWith("200  duplicate  ", second.Output);
        var id = first.Output.Split("  ")[2];
        Assert.Equal(id, second.Output.Split("  ")[2]);
        var arrival = await ArrivalOf(id);
        Assert.Equal(("sr.updated", "of-the-test"), (arrival.Header("X-HookGateway-Event"), arrival.Header("X-HookGateway-Source-Id")));
    }

    [Fact]
    public async Task Count_SendsSoManyDifferentEvents_AndSumsThemUp()
    {
        var result = await SendAsync("sysaid", "--count", "5", "--rate", "1000", "--json");

        Assert.Equal((0, 6), (result.ExitCode, result.Lines.Length));
        Assert.Equal(5, result.Lines[..5].Select(line => Json(line).GetProperty("id").GetString()).Distinct().Count());
        var summary = Json(result.Lines[5]);
        Assert.Equal((5, 5), (summary.GetProperty("sent").GetInt32(), summary.GetProperty("accepted").GetInt32()));
    }

    [Fact]
    public async Task Body_GoesOutByteForByte()
    {
        var body = Encoding.UTF8.GetBytes("{ \"eventName\":\"sr.updated\",\n\t\"srId\" : 7, \"n\": 1.0 }\n");
        var file = _files.File("body.json");
        await File.WriteAllBytesAsync(file, body, TestContext.Current.CancellationToken);

        var result = await SendAsync("sysaid", "--body", file);

        Assert.Equal(0, result.ExitCode);
        Assert.Equal(body, (await ArrivalOf(result.Output.Split("  ")[2])).Body);
    }

    [Fact]
    public async Task SourceWithTimestampAndHeaders_IsSignedAsItIsVerified()
    {
        var result = await SendAsync("timed", "--event", "ping", "--id", "7");

        Assert.StartsWith("202  accepted  ", result.Output);
        Assert.Equal("ping", (await ArrivalOf(result.Output.Split("  ")[2])).Header("X-HookGateway-Event"));
    }

    [Theory]
    [InlineData("the one before\n", 0, "202  accepted  ")]
    [InlineData("a forger's", 1, "401  ")]
    public async Task SecretFile_IsWhatSigns(string secret, int exitCode, string answer)
    {
        var result = await SendAsync("sysaid", "--secret-file", _files.Write("secret", secret));

        Assert.Equal((exitCode, ""), (result.ExitCode, result.Error));
        Assert.StartsWith(answer, result.Output);
    }

    [Fact]
    public async Task SecretOnTheLine_WarnsThatOthersSeeIt()
    {
        var result = await SendAsync("sysaid", "--secret", "the secret");

        Assert.Equal(0, result.ExitCode);
        Assert.Contains("--secret-file", result.Error);
    }

    [Fact]
    public async Task Nobody_Listening_ExitsOne()
    {
        var result = await SendAsync("sysaid", "--url", $"http://127.0.0.1:{FreePorts.Take(1)[0]}", "--count", "2");

        Assert.Equal(1, result.ExitCode);
        Assert.StartsWith("no answer  ", result.Output);
        Assert.Contains("2 sent: 0 accepted, 0 duplicate, 0 refused, 2 unanswered", result.Output);
    }

    [Fact]
    public async Task Url_WithoutAPath_GetsTheSourcesPath()
    {
        Assert.Equal(0, (await SendAsync("sysaid", "--url", fixture.Gateway.HttpUrl.ToString())).ExitCode);
        var elsewhere = await SendAsync("sysaid", "--url", new Uri(fixture.Gateway.HttpUrl, "/elsewhere").ToString());
        Assert.Equal(1, elsewhere.ExitCode);
        Assert.StartsWith("404  ", elsewhere.Output);
    }

    [Theory]
    [InlineData("there is: sysaid, timed", "nobody")]
    [InlineData("no/such/body", "sysaid", "--body", "no/such/body")]
    [InlineData("no/such/secret", "sysaid", "--secret-file", "no/such/secret")]
    public async Task WhatIsNotThere_ExitsTwo_AndIsNamed(string named, params string[] words)
    {
        var result = await SendAsync(words);

        Assert.Equal((2, ""), (result.ExitCode, result.Output));
        Assert.Contains(named, result.Error);
    }

    [Fact]
    public async Task Name_ThatTheBodyCannotTake_ExitsTwo()
    {
        var result = await SendAsync("sysaid", "--body", _files.Write("body.json", "[1]"), "--event", "x");

        Assert.Equal((2, "", "--event cannot be set: the body is no JSON object.\n"), (result.ExitCode, result.Output, result.Error));
    }

    private Task<CommandResult> SendAsync(params string[] words) =>
        CommandResult.OfAsync(["send", .. words, "--config", fixture.Configuration]);

    private async Task<Arrival> ArrivalOf(string id) =>
        (await fixture.Downstream.WaitForAsync(all => all.Any(arrival => arrival.WebhookId == id))).First(arrival => arrival.WebhookId == id);

    private static JsonElement Json(string line) => JsonDocument.Parse(line).RootElement;
}
