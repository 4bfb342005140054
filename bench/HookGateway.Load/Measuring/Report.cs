using System.Text.Json;
using System.Text.Json.Serialization;
using HookGateway.Load.Commands;
using HookGateway.Load.Machine;

namespace HookGateway.Load.Measuring;

/// <summary>A whole run, as its JSON file has it.</summary>
/// <param name="Scenario">Its name.</param>
/// <param name="At">When it ended.</param>
/// <param name="Hardware">What it was made on.</param>
/// <param name="Settings">How it was made.</param>
/// <param name="Rows">What was measured.</param>
internal sealed record Report(string Scenario, DateTimeOffset At, Hardware Hardware, Settings Settings, IReadOnlyList<Row> Rows)
{
    private static readonly JsonSerializerOptions Layout = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
        Converters = { new JsonStringEnumConverter() },
    };

    /// <summary>Writes the file; its directory is made where it is missing.</summary>
    public async Task WriteAsync(string path, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
        await File.WriteAllTextAsync(path, ToJson(), cancellationToken);
    }

    /// <summary>The file's content.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, Layout);
}
