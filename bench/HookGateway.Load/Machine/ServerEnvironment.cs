namespace HookGateway.Load.Machine;

/// <summary>What a .NET server beside the gateway finds in its environment.</summary>
internal static class ServerEnvironment
{
    // How bench/load/run lets the load itself run; the gateway sees to both by its own settings.
    private static readonly string[] OfTheLoad = ["DOTNET_ThreadPool_UnfairSemaphoreSpinLimit", "DOTNET_SYSTEM_NET_SOCKETS_INLINE_COMPLETIONS"];

    /// <summary>Makes of the load's environment a server's: .NET as it is by default, but for one setting.</summary>
    /// <param name="variables">The load's.</param>
    public static void Set(IDictionary<string, string?> variables)
    {
        foreach (var name in OfTheLoad)
            variables.Remove(name);

        // A .NET process puts off optimising while new methods are still called, which on one busy CPU can take half a minute. Not
        // waiting changes the warm-up only. The gateway sees to that by itself.
        variables["DOTNET_TC_CallCountingDelayMs"] = "0";
    }
}
