using HookGateway.Testing.Senders;

namespace HookGateway.ResilienceTests.Sessions;

/// <summary>What a downstream that keeps what it is told knows of the records in the end, and what it was told too late.</summary>
internal sealed class LastStates
{
    private readonly Dictionary<(int Record, string Field), SysAidChange> _known = [];

    /// <param name="messages">In the order in which they came.</param>
    public LastStates(IEnumerable<Message> messages)
    {
        foreach (var message in messages)
        {
            foreach (var change in message.Changes)
                Take(message, change);
        }
    }

    /// <summary>Values that came after newer ones, of webhooks or found.</summary>
    public List<string> Stale { get; } = [];

    /// <summary>What is wrong in the end.</summary>
    /// <param name="webhooks">Everything that was sent.</param>
    /// <param name="final">What every field should be.</param>
    public IEnumerable<(LastStateFault Fault, int Record, string Field)> Compare(
        IReadOnlyList<Webhook> webhooks, IReadOnlyDictionary<(int Record, string Field), string> final)
    {
        var records = webhooks.ToLookup(webhook => webhook.Post.Record);
        foreach (var ((record, field), value) in final)
        {
            if (_known.GetValueOrDefault((record, field))?.Value == value)
                continue;

            var sent = records[record].First(webhook => webhook.Changes.Any(change => change.Value == value));
            var change = sent.Changes.First(change => change.Value == value);
            var came = records[record].Where(webhook => webhook.Acknowledged is not null).ToList();

            // What the sender gave up may have been stored all the same.
            var later = records[record].Where(webhook => webhook.Posted is not null).Where(webhook => webhook.Changes.Any(other => other.Time > change.Time)).ToList();
            var fault = came.Exists(webhook => webhook.Changes.Contains(change)) ? LastStateFault.Lost
                : later.Count == 0 ? LastStateFault.NotFound
                : later.Exists(webhook => webhook.Post.Session == sent.Post.Session) ? LastStateFault.HiddenByItsSession
                : LastStateFault.HiddenByTheNext;
            yield return (fault, record, field);
        }
    }

    private void Take(Message message, SysAidChange change)
    {
        var field = (message.Record, change.Field);
        if (_known.TryGetValue(field, out var before) && before.Time > change.Time)
            Stale.Add($"record {message.Record}: {change}{(message.IsFound ? ", found," : "")} came after {before}");

        _known[field] = change;
    }
}

/// <summary>Why a downstream does not know a field's last value.</summary>
internal enum LastStateFault
{
    /// <summary>A webhook with it was acknowledged.</summary>
    Lost,

    /// <summary>No webhook with it came and none after it, so it should have been found.</summary>
    NotFound,

    /// <summary>No webhook with it came, but one of a later change of its session: the record's time says that all had come.</summary>
    HiddenByItsSession,

    /// <summary>No webhook with it came, but one of a later session, before it was looked for.</summary>
    HiddenByTheNext,
}
