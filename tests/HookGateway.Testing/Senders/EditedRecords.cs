using System.Text.Json;

namespace HookGateway.Testing.Senders;

/// <summary>
/// Webhooks of people who edit records, one session after the other: one webhook for each changed field, and a Full one. The same
/// seed gives the same webhooks.
/// </summary>
public sealed class EditedRecords
{
    private static readonly string[] Fields = ["status", "priority", "title", "notes", "owner"];

    private readonly List<EditedWebhook> _webhooks = [];
    private readonly Random _random;
    private readonly TimeSpan _quiet;
    private readonly bool _isDisturbed;

    /// <param name="seed">Decides everything.</param>
    /// <param name="quiet">No two webhooks of a session are further apart, unless one is late.</param>
    /// <param name="isDisturbed">Whether webhooks come late, twice or never, and others of the record between them.</param>
    /// <param name="records">How many records are edited at the same time.</param>
    /// <param name="sessions">How often each.</param>
    public EditedRecords(int seed, TimeSpan quiet, bool isDisturbed, int records = 3, int sessions = 4)
    {
        (_random, _quiet, _isDisturbed) = (new Random(seed), quiet, isDisturbed);
        for (var record = 1; record <= records; record++)
        {
            var at = Within(quiet);
            for (var session = 1; session <= sessions; session++)
                at = Edit(record, session, at);
        }

        // A stable order: what comes at the same time comes as it was sent.
        Webhooks = [.. _webhooks.OrderBy(webhook => webhook.At)];
    }

    /// <summary>As they arrive.</summary>
    public IReadOnlyList<EditedWebhook> Webhooks { get; }

    /// <summary>The changes in a body, in its order.</summary>
    public static IReadOnlyList<EditedField> ChangesIn(ReadOnlySpan<byte> body)
    {
        var reader = new Utf8JsonReader(body);
        using var document = JsonDocument.ParseValue(ref reader);
        return
        [
            .. document.RootElement.GetProperty("updates").EnumerateArray().Select(change => new EditedField(
                change.GetProperty("fieldName").GetString()!, change.GetProperty("currentValue").GetString()!,
                change.GetProperty("timestamp").GetInt64())),
        ];
    }

    /// <summary>What is wrong with the messages of one record, in the order in which they came; <see langword="null"/>: nothing.</summary>
    /// <param name="sent">The bodies of all its webhooks that were acknowledged.</param>
    /// <param name="messages">The bodies that came out.</param>
    public static string? ProblemOf(IEnumerable<byte[]> sent, IEnumerable<byte[]> messages)
    {
        var known = new Dictionary<string, EditedField>();
        foreach (var change in messages.SelectMany(body => ChangesIn(body)))
        {
            if (known.TryGetValue(change.Field, out var before) && before.Time > change.Time)
                return $"{change} came after {before}";

            known[change.Field] = change;
        }

        foreach (var last in sent.SelectMany(body => ChangesIn(body)).GroupBy(change => change.Field).Select(field => field.MaxBy(change => change.Time)!))
        {
            if (known.GetValueOrDefault(last.Field) != last)
                return $"{last} was sent, {known.GetValueOrDefault(last.Field)} came last";
        }

        return null;
    }

    private TimeSpan Edit(int record, int session, TimeSpan at)
    {
        var changed = new Dictionary<string, (string, string, long)>();
        for (var changes = _random.Next(1, 5); changes > 0; changes--)
        {
            var field = Fields[_random.Next(Fields.Length)];
            changed[field] = (field, $"{record}-{session}-{changes}", (long)at.TotalMilliseconds);
            Send(record, session, at, version: null, changed[field]);
            at += Within(_quiet);
        }

        Send(record, session, at, session, [.. changed.Values]);
        if (_isDisturbed && _random.Next(8) == 0)
            _webhooks.Add(new EditedWebhook(record, session, at, SysAidEvent.Changes(record, null)));

        // The next one begins at once, soon, or much later.
        return at + TimeSpan.FromMilliseconds(1) + (_quiet * (_random.Next(3) * _random.NextDouble() * 3));
    }

    private void Send(int record, int session, TimeSpan at, int? version, params (string, string, long)[] changes)
    {
        var webhook = new EditedWebhook(record, session, at, SysAidEvent.Changes(record, version, changes));
        if (!_isDisturbed)
        {
            _webhooks.Add(webhook);
            return;
        }

        if (_random.Next(8) == 0)
            return;

        for (var copies = _random.Next(6) == 0 ? 2 : 1; copies > 0; copies--)
            _webhooks.Add(webhook with { At = at + (_random.Next(4) == 0 ? _quiet * (_random.NextDouble() * 6) : TimeSpan.Zero) });
    }

    private TimeSpan Within(TimeSpan time) => TimeSpan.FromMilliseconds(1 + (int)(_random.NextDouble() * (time.TotalMilliseconds - 2)));
}

/// <summary>A webhook about an edited record.</summary>
/// <param name="Record">The record's number.</param>
/// <param name="Session">The how-manieth session of the record it belongs to, from 1.</param>
/// <param name="At">When it arrives.</param>
/// <param name="Body">Byte for byte.</param>
public sealed record EditedWebhook(int Record, int Session, TimeSpan At, byte[] Body);

/// <summary>A change in a webhook.</summary>
/// <param name="Field">What was changed.</param>
/// <param name="Value">To what.</param>
/// <param name="Time">When.</param>
public sealed record EditedField(string Field, string Value, long Time);
