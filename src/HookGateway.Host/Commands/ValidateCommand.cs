using System.CommandLine;
using System.Text.Json;
using HookGateway.Configuration;

namespace HookGateway.Host.Commands;

/// <summary><c>validate</c>: checks a configuration without starting anything.</summary>
internal sealed class ValidateCommand : Command
{
    private readonly Option<string> _config = ConfigurationFile.Option();
    private readonly Option<bool> _json = JsonOption.Option();

    public ValidateCommand() : base(
        "validate",
        "Checks a configuration without starting: prints every fault at once, one a line, as file:line:column: message. "
        + "Exits 0 where there is none, 2 otherwise.")
    {
        Add(_config);
        Add(_json);
        SetAction(line => Validate(
            line.GetRequiredValue(_config), line.GetValue(_json), line.InvocationConfiguration.Output, line.InvocationConfiguration.Error));
    }

    private static int Validate(string path, bool json, TextWriter output, TextWriter error)
    {
        var result = ConfigurationFile.Read(path);
        var faults = result is ConfigurationResult.Invalid invalid ? invalid.Faults : [];
        var warnings = result is ConfigurationResult.Valid valid ? valid.Warnings : [];
        foreach (var fault in faults)
            output.WriteLine(json ? Json("fault", fault) : fault.ToString());
        foreach (var warning in warnings)
        {
            if (json)
                output.WriteLine(Json("warning", warning));
            else
                error.WriteLine($"{warning.File}:{warning.Line}:{warning.Column}: warning: {warning.Message}");
        }

        error.WriteLine(faults.Count == 0 ? $"{path}: ok" : $"{path}: {faults.Count} fault{(faults.Count == 1 ? "" : "s")}");
        return faults.Count == 0 ? ExitCode.Done : ExitCode.Usage;
    }

    private static string Json(string kind, ConfigurationFault fault) => JsonSerializer.Serialize(
        new FaultLine(kind, fault.File, fault.Line, fault.Column, fault.Message), CommandJson.Default.FaultLine);
}

/// <summary>One line of <c>validate --json</c>.</summary>
internal sealed record FaultLine(string Kind, string File, int Line, int Column, string Message);
