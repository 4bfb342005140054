using System.CommandLine;

namespace HookGateway.Host.Commands;

/// <summary>The <c>--json</c> option: results for machines.</summary>
internal static class JsonOption
{
    /// <summary>The option.</summary>
    public static Option<bool> Option() => new("--json") { Description = "Print results as JSON, one object a line." };
}
