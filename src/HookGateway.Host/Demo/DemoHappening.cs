using System.Globalization;
using System.Text.Json;
using HookGateway.Host.Commands;
using Spectre.Console;

namespace HookGateway.Host.Demo;

/// <summary>One thing that happened: a line of <c>demo</c>.</summary>
/// <param name="Time">When.</param>
/// <param name="What"><c>sent</c>, <c>lost</c>, <c>answered</c>, <c>attempt</c> or <c>delivered</c>.</param>
/// <param name="Id">The gateway's id of the event, where it is known.</param>
/// <param name="Status">The HTTP status, where there is one.</param>
/// <param name="Text">In words.</param>
internal sealed record DemoHappening(DateTimeOffset Time, string What, string? Id, int? Status, string Text);

/// <summary>Shows happenings as they come.</summary>
internal sealed class DemoScreen(Terminal terminal, bool json)
{
    /// <summary>Shows one; from any thread.</summary>
    public void Show(string what, string? id, int? status, string text)
    {
        var happening = new DemoHappening(TimeProvider.System.GetUtcNow(), what, id, status, text);
        if (json)
        {
            terminal.WriteLine(JsonSerializer.Serialize(happening, CommandJson.Default.DemoHappening));
            return;
        }

        var time = happening.Time.ToLocalTime().ToString("HH:mm:ss.fff", CultureInfo.InvariantCulture);
        var words = new[] { status?.ToString(CultureInfo.InvariantCulture), text, id };
        terminal.WriteLine(
            $"{time}  {what,-9}  {string.Join("  ", words.Where(word => !string.IsNullOrEmpty(word)))}",
            status switch { null => null, >= 200 and <= 299 => Color.Green, _ => Color.Yellow });
    }

    /// <summary>Shows how it ended.</summary>
    public void Show(DemoVerdict verdict)
    {
        if (json)
        {
            terminal.WriteLine(JsonSerializer.Serialize(verdict, CommandJson.Default.DemoVerdict));
            return;
        }

        terminal.WriteLine(verdict.ToString(), verdict.Faults.Count == 0 ? Color.Green : Color.Red);
        foreach (var fault in verdict.Faults)
            terminal.WriteLine($"  {fault}", Color.Red);
    }
}
