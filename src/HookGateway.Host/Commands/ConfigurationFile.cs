using System.CommandLine;
using HookGateway.Configuration;

namespace HookGateway.Host.Commands;

/// <summary>The <c>--config</c> option and the reading of what it names.</summary>
internal static class ConfigurationFile
{
    /// <summary>The file that is read where no other is named, relative to the working directory.</summary>
    public const string DefaultPath = "config/hookgateway.yaml";

    /// <summary>The option.</summary>
    public static Option<string> Option() => new("--config")
    {
        Description = "The configuration file.",
        HelpName = "FILE",
        DefaultValueFactory = _ => DefaultPath,
    };

    /// <summary>Reads the file; a file that cannot be read is a fault like any other.</summary>
    public static ConfigurationResult Read(string path)
    {
        try
        {
            return ConfigurationLoader.Load(path, Environment.GetEnvironmentVariable);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return new ConfigurationResult.Invalid([new ConfigurationFault(path, 0, 0, e.Message)]);
        }
    }

    /// <summary>Reads the file, telling faults and warnings on <paramref name="error"/>.</summary>
    /// <returns><see langword="null"/> where the file is not valid: the verb ends with <see cref="ExitCode.Usage"/>.</returns>
    public static GatewayConfiguration? Load(string path, TextWriter error)
    {
        switch (Read(path))
        {
            case ConfigurationResult.Valid valid:
                foreach (var warning in valid.Warnings)
                    error.WriteLine($"{warning.File}:{warning.Line}:{warning.Column}: warning: {warning.Message}");
                return valid.Configuration;
            case ConfigurationResult.Invalid invalid:
                foreach (var fault in invalid.Faults)
                    error.WriteLine(fault);
                return null;
            default:
                throw new InvalidOperationException("A configuration is valid or it is not.");
        }
    }
}
