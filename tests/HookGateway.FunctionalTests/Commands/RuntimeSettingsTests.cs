using System.Text.Json;
using HookGateway.Testing.Gateway;
using Xunit;

namespace HookGateway.FunctionalTests.Commands;

/// <summary>The settings of .NET that the program is built with: nobody would miss them before a gateway is busy.</summary>
public sealed class RuntimeSettingsTests
{
    [Theory]
    [InlineData("System.Threading.ThreadPool.UnfairSemaphoreSpinLimit", 0)]
    [InlineData("System.GC.Gen0MaxBudget", 8 * 1024 * 1024)]
    [InlineData("System.Runtime.TieredCompilation.CallCountingDelayMs", 5)]
    public void Program_IsBuiltWithIt(string name, int value)
    {
        using var settings = JsonDocument.Parse(File.ReadAllText(Path.ChangeExtension(GatewayProgram.Path, ".runtimeconfig.json")));

        Assert.Equal(value, settings.RootElement.GetProperty("runtimeOptions").GetProperty("configProperties").GetProperty(name).GetInt32());
    }
}
