using System.Diagnostics;
using HookGateway.Testing;
using Xunit;

namespace HookGateway.FunctionalTests.Commands;

/// <summary>The program from its sources, as the README runs and publishes it.</summary>
public sealed class ProjectTests
{
    [Fact]
    public async Task DotnetRun_OfTheProgram_LeavesItWhereItWasCalled() => Assert.Equal("", await PropertyAsync("RunWorkingDirectory"));

    [Theory]
    [InlineData("UseCurrentRuntimeIdentifier=true", "true")]
    [InlineData("RuntimeIdentifier=linux-arm64", "true")]
    [InlineData("Configuration=Release", "")]
    public async Task DotnetPublish_ForOneKindOfMachine_CompilesAhead(string property, string expected) =>
        Assert.Equal(expected, await PropertyAsync("PublishReadyToRun", $"-property:{property}"));

    private static async Task<string> PropertyAsync(string name, params string[] words)
    {
        string[] command = ["msbuild", Repository.File("src", "HookGateway.Host", "HookGateway.Host.csproj"), "-nologo", $"-getProperty:{name}", .. words];
        using var msbuild = Process.Start(new ProcessStartInfo("dotnet", command) { RedirectStandardOutput = true })!;
        var value = await msbuild.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await msbuild.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.Equal(0, msbuild.ExitCode);
        return value.Trim();
    }
}
