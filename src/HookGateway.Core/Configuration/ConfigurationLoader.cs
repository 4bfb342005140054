using HookGateway.Configuration.Reading;
using HookGateway.Configuration.Sections;
using HookGateway.Configuration.Yaml;

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
    private const int MaxBytes = 1024 * 1024;

    /// <summary>
    /// Reads, resolves and checks <paramref name="path"/>. Never throws for what stands in the file, or where there is none.
    /// </summary>
    /// <param name="path">The YAML file, 1 MiB at most, UTF-8. Files that it names are relative to it.</param>
    /// <param name="environment">Looks up an environment variable; <see langword="null"/> where it is not set.</param>
    public static ConfigurationResult Load(string path, Func<string, string?> environment)
    {
        var text = TextFile.Read(path, MaxBytes, out var fault);
        return text is null
            ? new ConfigurationResult.Invalid([new ConfigurationFault(path, 0, 0, $"the configuration file {fault}")])
            : Parse(path, text, environment);
    }

    /// <summary>Resolves and checks a configuration that is in memory. Never throws for what stands in it.</summary>
    /// <param name="fileName">What faults call it; files that it names are relative to where a file of this name would be.</param>
    /// <param name="yaml">The configuration.</param>
    /// <param name="environment">Looks up an environment variable; <see langword="null"/> where it is not set.</param>
    public static ConfigurationResult Parse(string fileName, string yaml, Func<string, string?> environment)
    {
        var faults = new FaultList(fileName);
        var configuration = YamlTree.Read(yaml, faults) is { } document
            ? ReadDocument(document, new ReadingContext(faults, new Interpolation(DirectoryOf(fileName), environment)))
            : null;
        return configuration is null || faults.Faults.Count > 0
            ? new ConfigurationResult.Invalid(faults.Faults)
            : new ConfigurationResult.Valid(configuration, faults.Warnings);
    }

    private static GatewayConfiguration ReadDocument(YamlNode.Mapping document, ReadingContext context) =>
        new MappingReader(context, path: "", document.Place, document).ReadWhole(GatewayReader.Read);

    private static string DirectoryOf(string fileName) =>
        Path.GetDirectoryName(Path.GetFullPath(fileName)) ?? Directory.GetCurrentDirectory();
}
