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
            if (message.IsFound && message.Changes.All(change => _known.GetValueOrDefault((message.Record, change.Field)) == change))
                Needless++;

            foreach (var change in message.Changes)
                Take(message, change);
        }
    }

    /// <summary>How many were found of which all was known.</summary>
    public int Needless { get; }

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

            var came = records[record].Any(webhook => webhook.Acknowledged is not null && webhook.Changes.Any(change => change.Value == value));
            yield return (came ? LastStateFault.Lost : LastStateFault.NotFound, record, field);
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

    /// <summary>No webhook with it was acknowledged, so it should have been found.</summary>
    NotFound,
}
