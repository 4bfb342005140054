using System.Text;
using HookGateway.Host.Commands;
using HookGateway.Testing.Downstream;
using Xunit;

namespace HookGateway.FunctionalTests.Commands;

public sealed class HealthCommandTests
{
    [Fact]
    public async Task Ready_AnsweredWith200_ExitsZero()
    {
        await using var admin = await Receiver.StartAsync();

        var (code, output, error) = await RunAsync(admin);

        Assert.Equal((0, "ready\n", ""), (code, output, error));
        Assert.Equal("/health/ready", admin.Arrivals.Single().Path);
    }

    [Fact]
    public async Task NotReady_AnsweredWith503_ExitsOneWithTheReason()
    {
        await using var admin = await Receiver.StartAsync();
        admin.AnswerWith(_ => new Answer.Responding(503) { Body = Encoding.UTF8.GetBytes("draining") });

        var (code, output, error) = await RunAsync(admin);

        Assert.Equal((1, ""), (code, output));
        Assert.Contains("503 draining", error);
    }

    [Fact]
    public async Task NotReady_AnsweredWithAnotherSuccess_ExitsOne()
    {
        await using var admin = await Receiver.StartAsync();
        admin.AnswerWith(_ => Answer.Status(204));

        Assert.Equal(1, (await RunAsync(admin)).Code);
    }

    [Fact]
    public async Task Json_IsAResultEitherWay()
    {
        await using var admin = await Receiver.StartAsync();
        admin.AnswerWith(_ => Answer.Status(503));

        var (code, output, error) = await RunAsync(admin, "--json");

        Assert.Equal((1, ""), (code, error));
        Assert.StartsWith("{\"ready\":false,\"status\":503,", output);
    }

    private static async Task<(int Code, string Output, string Error)> RunAsync(Receiver admin, params string[] more)
    {
        var (output, error) = (new StringWriter(), new StringWriter());
        var url = admin.Url.GetLeftPart(UriPartial.Authority);
        var code = await CommandLine.RunAsync(["health", "--admin", url, .. more], output, error, TestContext.Current.CancellationToken);
        return (code, output.ToString(), error.ToString());
    }
}
