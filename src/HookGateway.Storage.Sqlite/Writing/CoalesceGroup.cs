using HookGateway.Events;
using HookGateway.Storage.Sqlite.Memory;
using HookGateway.Storage.Sqlite.Rows;
using HookGateway.Store;

namespace HookGateway.Storage.Sqlite.Writing;

/// <summary>
/// One transaction for all events of coalescing sources that wait. They are not in the journal: what becomes of each is checked
/// against rows that the one before it has changed, and some of them release others. Writer thread only.
/// </summary>
internal sealed class CoalesceGroup(SqliteStoreOptions options, StoreMemory memory)
{
    /// <summary>Writes and commits; the outcomes are set, and nobody has been told.</summary>
    /// <exception cref="Exception">Nothing was written, or nobody knows: <see cref="Undo"/> it.</exception>
    public void Run(StoreSession session, IReadOnlyList<PendingAccept> accepts, long now)
    {
        session.InTransaction(() =>
        {
            foreach (var accept in accepts)
                accept.Outcome = Insert(session, accept.Request, now);

            session.Events.FlushMarks();
            options.BeforeCommit?.Invoke();
            return true;
        });
        options.AfterCommit?.Invoke();
        memory.CommittedSeq = session.NextSeq - 1;
    }

    /// <summary>Takes back what a failed run changed in memory.</summary>
    public void Undo(IReadOnlyList<PendingAccept> accepts)
    {
        foreach (var accept in accepts.Where(accept => accept.Outcome is AcceptResult.Accepted))
            memory.Dedupe.Remove(accept.Request.DedupeKey);
    }

    private AcceptResult Insert(StoreSession session, AcceptRequest request, long now)
    {
        if (memory.Dedupe.TryFind(request.DedupeKey, now, out var first))
            return new AcceptResult.Duplicate(first);

        if (session.Coalesced.Begin(request.Coalesce!) is not { } commit)
            return new AcceptResult.Conflict();

        // What goes out first has the lower number, for by numbers goes the order.
        var goesOut = request.Disposition is not (Disposition.Held or Disposition.Superseded);
        var released = goesOut ? session.Coalesced.Release(session, commit, now) : null;
        var (seq, stored) = InsertEvent(session, request, now);
        session.Coalesced.Accepted(commit, seq, stored.Id);
        released ??= goesOut ? null : session.Coalesced.Release(session, commit, now);
        session.Coalesced.End(commit, seq, session.NextSeq);
        return new AcceptResult.Accepted(stored, []) { Released = released };
    }

    private (long Seq, WebhookEvent Stored) InsertEvent(StoreSession session, AcceptRequest request, long now)
    {
        var seq = session.NextSeq++;
        var stored = request.Event with { Id = memory.Ids.Next(now) };
        session.Events.InsertWhole(seq, stored, request.Disposition, request.Deliveries.Count);
        session.Coalesced.Owe(seq, stored, request.Deliveries.Select(delivery => delivery.Destination), now);
        var expires = now + (long)request.DedupeWindow.TotalMilliseconds;
        memory.Dedupe.Add(request.DedupeKey, stored.Id, expires);
        session.Events.AddMark(seq, request.DedupeKey, stored.Id, expires);
        return (seq, stored);
    }
}
