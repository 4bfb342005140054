using System.Text.Json;
using Xunit;

namespace HookGateway.FunctionalTests.Commands;

/// <summary>The settings of .NET that the program is built with: nobody would miss them before a gateway is busy.</summary>
public sealed class RuntimeSettingsTests
{
    // Beside the tests' own, as GatewayProgram finds the program.
    private static readonly string ConfigFile = Path.Combine(
        AppContext.BaseDirectory, "..", "..", "HookGateway.Host", new DirectoryInfo(AppContext.BaseDirectory).Name, "hookgateway.runtimeconfig.json");

    [Theory]
    [InlineData("System.Threading.ThreadPool.UnfairSemaphoreSpinLimit", 0)]
    [InlineData("System.GC.Gen0MaxBudget", 8 * 1024 * 1024)]
    [InlineData("System.Runtime.TieredCompilation.CallCountingDelayMs", 5)]
    public void Program_IsBuiltWithIt(string name, int value)
    {
        using var settings = JsonDocument.Parse(File.ReadAllText(ConfigFile));

        Assert.Equal(value, settings.RootElement.GetProperty("runtimeOptions").GetProperty("configProperties").GetProperty(name).GetInt32());
    }
}
