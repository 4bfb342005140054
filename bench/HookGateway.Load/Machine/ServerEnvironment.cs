namespace HookGateway.Load.Machine;

/// <summary>What every .NET server beside the gateway finds in its environment.</summary>
internal static class ServerEnvironment
{
    /// <summary>
    /// A .NET process puts off optimising while new methods are still called, which on one busy CPU can take half a minute. Not
    /// waiting changes the warm-up only. The gateway sees to that by itself.
    /// </summary>
    public static IReadOnlyDictionary<string, string> Variables { get; } =
        new Dictionary<string, string> { ["DOTNET_TC_CallCountingDelayMs"] = "0" };
}
