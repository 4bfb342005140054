using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace HookGateway.Testing.Senders;

/// <summary>
/// People editing service records in Spaces, made up from a seed: for each session one webhook per change of a field, without
/// <c>sr_version</c>, and when the record is left a last one, the Full, with all changes and <c>sr_version</c>. The same seed gives the
/// same sessions. Bodies are laid out as SysAid's sample is: no id, all values text, timestamps in milliseconds since 1970.
/// </summary>
public sealed class SysAidSessions
{
    /// <summary>The fields that they change.</summary>
    public static IReadOnlyList<string> Fields { get; } =
        ["title", "priority", "status", "assignee", "urgency", "primaryCategory", "notes"];

    private readonly Random _random;
    private readonly DateTimeOffset _start;
    private readonly double _pace;
    private readonly Dictionary<int, int> _versions = [];
    private readonly Dictionary<int, TimeSpan> _busyUntil = [];
    private readonly Dictionary<(int Record, string Field), string> _values = [];
    private int _changes;
    private int _sessions;

    /// <summary>Sessions from a seed.</summary>
    /// <param name="seed">Decides everything.</param>
    /// <param name="start">When the first one begins, for the timestamps.</param>
    /// <param name="pace">How many times faster than people they edit. Their timestamps are as far apart as they are.</param>
    public SysAidSessions(int seed, DateTimeOffset start, double pace = 1)
    {
        // Repeatable is what it has to be, and nothing else.
#pragma warning disable CA5394
        _random = new Random(seed);
        _start = start;
        _pace = pace;
    }

    /// <summary>What every field that was changed is in the end.</summary>
    public IReadOnlyDictionary<(int Record, string Field), string> FinalValues => _values;

    /// <summary>Makes sessions, which overlap unless they are of the same record.</summary>
    /// <param name="sessions">How many.</param>
    /// <param name="records">Of how many records, numbered from 1.</param>
    /// <returns>Their webhooks, in the order in which SysAid sends them.</returns>
    public IReadOnlyList<SysAidPost> Make(int sessions, int records)
    {
        var posts = new List<SysAidPost>();
        for (var i = 0; i < sessions; i++)
            posts.AddRange(Session(_random.Next(1, records + 1), TimeSpan.FromSeconds(i) / _pace));
        return [.. posts.OrderBy(post => post.At)];
    }

    /// <summary>The same webhooks as a network delivers them at its worst.</summary>
    /// <param name="posts">What was sent.</param>
    /// <param name="share">Of how many webhooks each of these happens to, from 0 to 1.</param>
    /// <param name="late">How much later than it should a late one comes, at most.</param>
    public IReadOnlyList<SysAidPost> Disturb(IEnumerable<SysAidPost> posts, double share, TimeSpan late)
    {
        var disturbed = new List<SysAidPost>();
        foreach (var post in posts)
        {
            if (Happens(share))
                continue;
            disturbed.Add(Happens(share) ? Later(post, late) : post);
            if (Happens(share))
                disturbed.Add(Later(post, late));
        }

        return [.. disturbed.OrderBy(post => post.At)];
    }

    private IEnumerable<SysAidPost> Session(int record, TimeSpan earliest)
    {
        var at = _busyUntil.TryGetValue(record, out var busy) && busy > earliest ? busy : earliest;
        var changes = new List<JsonObject>();
        var session = ++_sessions;
        for (var left = _random.Next(1, 6); left > 0; left--)
        {
            at += TimeSpan.FromMilliseconds(_random.Next(200, 5000)) / _pace;
            var change = Change(record, at);
            changes.Add(change);
            yield return new SysAidPost(at, record, IsFull: false, Body(record, [change], version: null), session);
        }

        at += TimeSpan.FromMilliseconds(_random.Next(200, 5000)) / _pace;
        _busyUntil[record] = at + (TimeSpan.FromSeconds(1) / _pace);
        _versions[record] = _versions.GetValueOrDefault(record, 1) + 1;

        // Of several changes of one field only the last is a change of the session.
        var all = changes.AsEnumerable().Reverse().DistinctBy(change => (string)change["fieldName"]!).Reverse();
        yield return new SysAidPost(at, record, IsFull: true, Body(record, all, _versions[record]), session);
    }

    private JsonObject Change(int record, TimeSpan at)
    {
        var field = Fields[_random.Next(Fields.Count)];
        var (before, now) = (_values.GetValueOrDefault((record, field), ""), (++_changes).ToString(CultureInfo.InvariantCulture));
        _values[(record, field)] = now;
        return new JsonObject
        {
            ["fieldName"] = field,
            ["currentValue"] = now,
            ["previousValue"] = before,
            ["timestamp"] = (_start + at).ToUnixTimeMilliseconds(),
        };
    }

    private bool Happens(double share) => _random.NextDouble() < share;

    private SysAidPost Later(SysAidPost post, TimeSpan late) => post with { At = post.At + (late * _random.NextDouble()) };
#pragma warning restore CA5394

    private static byte[] Body(int record, IEnumerable<JsonObject> changes, int? version)
    {
        var body = new JsonObject
        {
            ["eventName"] = "sr.updated",
            ["srId"] = record,
            ["updates"] = new JsonArray([.. changes.Select(change => change.DeepClone())]),
        };
        if (version is not null)
            body["sr_version"] = version;
        return JsonSerializer.SerializeToUtf8Bytes(body);
    }
}

/// <summary>A webhook of a session.</summary>
/// <param name="At">When it is sent, from the start on.</param>
/// <param name="Record">The service record's number.</param>
/// <param name="IsFull">Whether it is the session's last.</param>
/// <param name="Body">Byte for byte.</param>
/// <param name="Session">The session's number, from 1; 0: none.</param>
public sealed record SysAidPost(TimeSpan At, int Record, bool IsFull, byte[] Body, int Session = 0);
