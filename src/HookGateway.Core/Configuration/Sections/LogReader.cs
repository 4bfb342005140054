using HookGateway.Configuration.Reading;
using Microsoft.Extensions.Logging;

namespace HookGateway.Configuration.Sections;

/// <summary>Reads <c>log</c>.</summary>
internal static class LogReader
{
    private static readonly Kind<LogLevel> Level = Kinds.OneOf(
        ("trace", LogLevel.Trace),
        ("debug", LogLevel.Debug),
        ("info", LogLevel.Information),
        ("warning", LogLevel.Warning),
        ("error", LogLevel.Error),
        ("none", LogLevel.None));

    private static readonly Kind<LogFormat> Format = Kinds.OneOf(("text", LogFormat.Text), ("json", LogFormat.Json));

    public static LogConfiguration Read(MappingReader log)
    {
        var defaults = new LogConfiguration();
        return new LogConfiguration
        {
            Level = log.Value("level", Level, defaults.Level),
            Format = log.Value("format", Format, defaults.Format),
        };
    }
}
