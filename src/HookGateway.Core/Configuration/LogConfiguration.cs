using Microsoft.Extensions.Logging;

namespace HookGateway.Configuration;

/// <summary><c>log</c>: what is logged to standard error.</summary>
public sealed record LogConfiguration
{
    /// <summary><c>trace</c>, <c>debug</c>, <c>info</c>, <c>warning</c>, <c>error</c> or <c>none</c>. Default <c>info</c>.</summary>
    public LogLevel Level { get; init; } = LogLevel.Information;

    /// <summary>Lines of text for people, or one JSON object a line. Default <c>text</c>.</summary>
    public LogFormat Format { get; init; } = LogFormat.Text;
}

/// <summary>How a log line looks.</summary>
public enum LogFormat
{
    /// <summary>For people.</summary>
    Text,

    /// <summary>For machines.</summary>
    Json,
}
