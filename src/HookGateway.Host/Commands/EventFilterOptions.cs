using System.CommandLine;

namespace HookGateway.Host.Commands;

/// <summary>The options that say which events are meant, times aside.</summary>
internal sealed class EventFilterOptions
{
    private readonly Option<string?>[] _options =
    [
        Option("--source", "NAME", "Only of this source."),
        Option("--event", "NAME", "Only of this name; a pattern as in routes, such as 'sr.*', matches several."),
        Option("--state", "STATE", "Only accepted, unrouted, filtered, delivered, failing or dead ones."),
        Option("--destination", "NAME", "Only those that this destination is or was owed."),
        Option("--key", "KEY", "Only about this (SysAid: the record's id)."),
    ];

    public static Option<string?> Option(string name, string help, string description) =>
        new(name) { Description = description, HelpName = help };

    public void AddTo(Command command)
    {
        foreach (var option in _options)
            command.Add(option);
    }

    /// <summary>Those that were given, as parameters of the admin API.</summary>
    public IEnumerable<(string Name, string Value)> Parameters(ParseResult line)
    {
        foreach (var option in _options)
        {
            if (line.GetValue(option) is { } value)
                yield return (option.Name[2..], value);
        }
    }
}
