using System.Diagnostics;
using HookGateway.Testing;
using Xunit;

namespace HookGateway.FunctionalTests.Commands;

/// <summary><c>dotnet run --project src/HookGateway.Host -- run --config config/hookgateway.yaml</c>, as the README has it.</summary>
public sealed class RunFromSourceTests
{
    [Fact]
    public async Task DotnetRun_OfTheProgram_LeavesItWhereItWasCalled()
    {
        var command = new ProcessStartInfo(
            "dotnet", ["msbuild", Repository.File("src", "HookGateway.Host", "HookGateway.Host.csproj"), "-nologo", "-getProperty:RunWorkingDirectory"])
        {
            RedirectStandardOutput = true,
        };
        using var msbuild = Process.Start(command)!;
        var directory = await msbuild.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await msbuild.WaitForExitAsync(TestContext.Current.CancellationToken);

        Assert.Equal((0, ""), (msbuild.ExitCode, directory.Trim()));
    }
}
