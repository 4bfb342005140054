namespace HookGateway.Configuration;

/// <summary>
/// <c>reconcile</c> of a source: changes of which no webhook came are looked for in the sender's API, and each becomes an event of
/// its own.
/// </summary>
public sealed record ReconcileConfiguration
{
    /// <summary>From the end of one listing to the next, varied by a tenth both ways. Default 10 minutes.</summary>
    public TimeSpan Interval { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>How long after a change its webhook may come before the change counts as missed. Default 5 minutes.</summary>
    public TimeSpan Grace { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>
    /// How far before the last change that was looked at it begins again: for changes that the API shows late. Default 10 minutes.
    /// </summary>
    public TimeSpan Overlap { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>
    /// By how much a webhook's newest timestamp may be before the record's time of change and still be of that change. Default 2
    /// seconds. A change that is lost so soon after one that came is not found.
    /// </summary>
    public TimeSpan Tolerance { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>
    /// Where the first listing begins: changes at or before it do not count. <see langword="null"/> (<c>now</c>, the default): when
    /// the gateway first runs with it. Without effect once anything was listed.
    /// </summary>
    public DateTimeOffset? From { get; init; }

    /// <summary>
    /// Which fields of a record are asked for and become the event's body, its number and its times always among them.
    /// Empty, the default: what the API gives unasked.
    /// </summary>
    public IReadOnlyList<string> Fields { get; init; } = [];

    /// <summary>
    /// Fields of a record whose values are held against what webhooks told, each with the name that webhooks call it by: a change that
    /// is lost is then found although a later one of the record came. Only fields that both write alike. Default: none.
    /// </summary>
    public IReadOnlyList<KeyValuePair<string, string>> Compare { get; init; } = [];

    /// <summary>The field of a record that has its number, which becomes the event's key. Default <c>id</c>.</summary>
    public string Id { get; init; } = "id";

    /// <summary>The field of a record that has the time of its last change. Default <c>updateTime</c>.</summary>
    public string UpdateTime { get; init; } = "updateTime";

    /// <summary>The name of the events, which routes look at. Default <c>sr.updated</c>.</summary>
    public string Event { get; init; } = "sr.updated";
}
