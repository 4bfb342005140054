namespace HookGateway.ResilienceTests.Sessions;

/// <summary>How the webhooks of each session came, by what was measured, and how many messages that should make.</summary>
/// <param name="webhooks">Everything that was sent.</param>
/// <param name="messages">Everything that came out.</param>
/// <param name="quiet">As configured.</param>
internal sealed class SessionKinds(IReadOnlyList<Webhook> webhooks, IEnumerable<Message> messages, TimeSpan quiet)
{
    private readonly ILookup<int, DateTimeOffset> _found = messages.Where(message => message.IsFound)
        .ToLookup(message => message.Record, message => message.At);

    private readonly ILookup<int, Came> _records = webhooks.ToLookup(webhook => webhook.Post.Session).Select(Came.Of)
        .OfType<Came>().ToLookup(came => came.Record);

    /// <summary>The kind of each session.</summary>
    public IReadOnlyDictionary<int, SessionKind> Find()
    {
        var kinds = webhooks.Select(webhook => webhook.Post.Session).Distinct().ToDictionary(session => session, _ => SessionKind.NothingCame);
        foreach (var record in _records)
        {
            foreach (var session in record)
                kinds[session.Session] = KindOf(session, record);
        }

        // What the sender gave up while the gateway was gone may have been stored all the same.
        foreach (var post in webhooks.GroupBy(webhook => webhook.Post))
        {
            if (post.Any(webhook => webhook.Posted is not null) && post.All(webhook => webhook.Acknowledged is null))
                kinds[post.Key.Session] = SessionKind.GivenUp;
        }

        return kinds;
    }

    private SessionKind KindOf(Came session, IEnumerable<Came> record)
    {
        for (var i = 1; i < session.Times.Count; i++)
        {
            // It may have been taken at any moment between these two.
            if (session.Times[i].Acknowledged - session.Times[i - 1].Posted >= quiet)
                return SessionKind.Apart;
        }

        // What is held when nothing ends the session is taken over by the next one that begins before it is released.
        var end = session.End + (session.HasFull ? TimeSpan.Zero : 2 * quiet);
        var isFoundBefore = _found[session.Record].Any(at => at >= session.Begin - quiet && at <= end + quiet);
        return isFoundBefore || record.Any(other => other.Session != session.Session && other.Times.Any(time =>
            time.Posted <= end && (other.Session > session.Session || time.Acknowledged >= session.Begin)))
            ? SessionKind.AmongOthers
            : SessionKind.Together;
    }

    /// <summary>What came of a session, the first time that each came.</summary>
    private sealed record Came(int Record, int Session, bool HasFull, IReadOnlyList<(DateTimeOffset Posted, DateTimeOffset Acknowledged)> Times)
    {
        public DateTimeOffset Begin => Times[0].Posted;

        public DateTimeOffset End => Times.Max(time => time.Acknowledged);

        public static Came? Of(IEnumerable<Webhook> session)
        {
            var came = session.Where(webhook => webhook.Acknowledged is not null).GroupBy(webhook => webhook.Post).ToList();
            return came.Count == 0 ? null : new Came(
                came[0].Key.Record, came[0].Key.Session, came.Exists(post => post.Key.IsFull),
                [.. came.Select(post => (post.Min(webhook => webhook.Posted!.Value), post.Min(webhook => webhook.Acknowledged!.Value))).Order()]);
        }
    }
}

/// <summary>How the webhooks of a session came.</summary>
internal enum SessionKind
{
    /// <summary>Those that came came within <c>quiet</c> of each other, and nothing else of the record among them: one message.</summary>
    Together,

    /// <summary>Those that came came within <c>quiet</c> of each other, but others of the record among them, or the record was found meanwhile.</summary>
    AmongOthers,

    /// <summary>Further apart than <c>quiet</c>.</summary>
    Apart,

    /// <summary>The sender gave one of them up, and nobody knows whether it was stored.</summary>
    GivenUp,

    /// <summary>All were lost.</summary>
    NothingCame,
}
