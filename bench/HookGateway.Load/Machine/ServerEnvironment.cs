namespace HookGateway.Load.Machine;

/// <summary>What every .NET server that is measured finds in its environment, the gateway included.</summary>
internal static class ServerEnvironment
{
    /// <summary>
    /// A .NET process puts off optimising while new methods are still called, which on one busy CPU can take half a minute. Not
    /// waiting changes the warm-up only.
    /// </summary>
    public static IReadOnlyDictionary<string, string> Variables { get; } =
        new Dictionary<string, string> { ["DOTNET_TC_CallCountingDelayMs"] = "0" };
}
