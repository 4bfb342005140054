namespace HookGateway.Configuration;

/// <summary><c>coalesce</c> of a source: field-by-field updates of one key that come close together go out as one event.</summary>
public sealed record CoalesceConfiguration
{
    /// <summary>The names of the events that are held, in which <c>*</c> stands for any characters. Others release what is held.</summary>
    public required IReadOnlyList<string> Events { get; init; }

    /// <summary>
    /// Expression: where it gives a value the event is complete, and releases what is held at once; absent, null or empty: it is
    /// one of several to come. <see langword="null"/>: none is complete.
    /// </summary>
    public string? Complete { get; init; }

    /// <summary>How long after the last change what is held goes out. Default 2 minutes; 100 ms to 1 h.</summary>
    public TimeSpan Quiet { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>How long after the first change it goes out in any case. Default 10 minutes; up to 24 h, not below <see cref="Quiet"/>.</summary>
    public TimeSpan Max { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>Where the changes stand in the body. Default: where SysAid has them.</summary>
    public UpdatesConfiguration Updates { get; init; } = new();
}

/// <summary><c>coalesce.updates</c>: plain paths, names and indexes, to the changes in a body.</summary>
public sealed record UpdatesConfiguration
{
    /// <summary>The array of changes, from the body's root. Default <c>updates</c>.</summary>
    public string List { get; init; } = "updates";

    /// <summary>What was changed, from a change's root. Default <c>fieldName</c>.</summary>
    public string Field { get; init; } = "fieldName";

    /// <summary>What it was changed to. Default <c>currentValue</c>.</summary>
    public string Value { get; init; } = "currentValue";

    /// <summary>When: milliseconds since 1970, as a number or a text, or ISO 8601. Default <c>timestamp</c>.</summary>
    public string Timestamp { get; init; } = "timestamp";
}
