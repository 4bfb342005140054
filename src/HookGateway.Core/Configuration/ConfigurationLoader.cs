namespace HookGateway.Configuration;

/// <summary>One thing wrong with a configuration.</summary>
/// <param name="File">The file as it was named.</param>
/// <param name="Line">From 1; 0 where the fault has no place.</param>
/// <param name="Column">From 1; 0 where the fault has no place.</param>
/// <param name="Message">What is wrong and what would be right, without any secret.</param>
public sealed record ConfigurationFault(string File, int Line, int Column, string Message)
{
    /// <summary><c>file:line:column: message</c>.</summary>
    public override string ToString() => $"{File}:{Line}:{Column}: {Message}";
}

/// <summary>What reading a configuration gave: a whole one, or every fault at once.</summary>
public abstract record ConfigurationResult
{
    private ConfigurationResult()
    {
    }

    /// <summary>Valid.</summary>
    /// <param name="Configuration">The configuration.</param>
    /// <param name="Warnings">What is allowed and unwise.</param>
    public sealed record Valid(GatewayConfiguration Configuration, IReadOnlyList<ConfigurationFault> Warnings) : ConfigurationResult;

    /// <summary>Not valid.</summary>
    /// <param name="Faults">In the order of their places.</param>
    public sealed record Invalid(IReadOnlyList<ConfigurationFault> Faults) : ConfigurationResult;
}

/// <summary>Reads a configuration file.</summary>
public static class ConfigurationLoader
{
    /// <summary>Reads, resolves and checks <paramref name="path"/>. Never throws for what stands in the file.</summary>
    /// <param name="path">The YAML file.</param>
    /// <param name="environment">Looks up an environment variable; <see langword="null"/> where it is not set.</param>
    public static ConfigurationResult Load(string path, Func<string, string?> environment) =>
        throw new NotImplementedException();
}
