using HookGateway.Events;
using HookGateway.Storage.Sqlite.Memory;
using HookGateway.Storage.Sqlite.Rows;
using HookGateway.Store;

namespace HookGateway.Storage.Sqlite.Writing;

/// <summary>
/// One transaction for everything that waits. What it changes in memory counts from the commit on; the dedupe marks alone are
/// there earlier, so that a duplicate within the group is seen, and go if the commit fails. Writer thread only.
/// </summary>
internal sealed class GroupCommit(SqliteStoreOptions options, StoreMemory memory)
{
    private const long FreshFromEveryMilliseconds = 1000;

    private readonly List<long> _released = [];
    private readonly List<bool> _freedNext = [];
    private readonly List<long> _demoted = [];
    private long _firstSeq;
    private long _freshFrom;
    private long _freshFromSavedAt;

    /// <summary>Writes and commits; the outcomes are set, and nobody has been told.</summary>
    /// <exception cref="Exception">Nothing was written, or nobody knows: <see cref="Undo"/> it.</exception>
    public void Run(StoreSession session, IReadOnlyList<PendingAccept> accepts, IReadOnlyList<Settlement> settlements, long now)
    {
        _released.Clear();
        _freedNext.Clear();
        _demoted.Clear();
        _firstSeq = session.NextSeq;
        session.Begin();
        foreach (var accept in accepts)
            Insert(session, accept, now);

        session.Events.FlushMarks();
        foreach (var settlement in settlements)
        {
            if (session.Settlements.Write(settlement, now, out var freedNext))
                _released.Add(settlement.Delivery.Lease.Handle);

            _freedNext.Add(freedNext);
        }

        Demote(session, now);
        SaveFreshFrom(session, now);
        if (accepts.Count == 0 && settlements.Count == 0)
            session.Probe();

        options.BeforeCommit?.Invoke();
        session.Commit();
        options.AfterCommit?.Invoke();
        Committed(session, accepts, now);
    }

    /// <summary>Whether each settlement of the last run made another delivery due, in their order.</summary>
    public IReadOnlyList<bool> FreedNext => _freedNext;

    /// <summary>Takes back what a failed run changed in memory, and rolls back.</summary>
    /// <exception cref="Exception">The rollback failed: the session is not to be used any more.</exception>
    public void Undo(StoreSession session, IReadOnlyList<PendingAccept> accepts)
    {
        foreach (var accept in accepts)
        {
            if (accept.Outcome is AcceptResult.Accepted)
                memory.Dedupe.Remove(accept.Request.DedupeKey);
        }

        session.Events.DiscardMarks();
        session.Rollback(_firstSeq);
    }

    private void Insert(StoreSession session, PendingAccept accept, long now)
    {
        var request = accept.Request;
        if (memory.Dedupe.TryFind(request.DedupeKey, now, out var first))
        {
            accept.Outcome = new AcceptResult.Duplicate(first);
            return;
        }

        var seq = session.NextSeq++;
        var stored = request.Event with { Id = memory.Ids.Next(now) };
        session.Events.Insert(seq, stored, request.Disposition, request.Deliveries.Count);
        var leased = InsertDeliveries(session, seq, stored, request.Deliveries, now);
        var expires = now + (long)request.DedupeWindow.TotalMilliseconds;
        accept.Outcome = new AcceptResult.Accepted(stored, leased);
        memory.Dedupe.Add(request.DedupeKey, stored.Id, expires);
        session.Events.AddMark(seq, request.DedupeKey, stored.Id, expires);
    }

    private List<Delivery> InsertDeliveries(
        StoreSession session, long seq, WebhookEvent stored, IReadOnlyList<OwedDelivery> owed, long now)
    {
        var leased = new List<Delivery>(owed.Count);
        for (var ordinal = 0; ordinal < owed.Count; ordinal++)
        {
            var (destination, lease, ordered) = owed[ordinal];
            var row = DeliveryRow.Of(seq, ordinal);
            ordered &= stored.Key is not null;
            if (ordered && !session.Events.EnterOrder(row, destination, stored))
            {
                session.Events.InsertDelivery(row, destination, DeliveryRow.Waiting);
                continue;
            }

            session.Events.InsertDelivery(row, destination, lease ? null : now);
            if (!lease)
                continue;

            leased.Add(new Delivery
            {
                Event = stored,
                Destination = destination,
                Ordinal = ordinal,
                Attempts = 0,
                Sequence = ordered ? seq : null,
                Lease = new Lease(row, memory.Epoch),
            });
        }

        return leased;
    }

    private void Demote(StoreSession session, long now)
    {
        _demoted.AddRange(memory.Fresh.Overdue(now));
        foreach (var row in _demoted)
            session.Settlements.Demote(row, now);
    }

    private void SaveFreshFrom(StoreSession session, long now)
    {
        var from = memory.Fresh.Oldest() ?? DeliveryRow.First(_firstSeq);
        if (from == _freshFrom || (now >= _freshFromSavedAt && now - _freshFromSavedAt < FreshFromEveryMilliseconds))
            return;

        session.SaveFreshFrom(from);
        (_freshFrom, _freshFromSavedAt) = (from, now);
    }

    private void Committed(StoreSession session, IReadOnlyList<PendingAccept> accepts, long now)
    {
        session.Committed();
        memory.CommittedSeq = session.NextSeq - 1;
        foreach (var row in _released)
            memory.Leases.Remove(row);

        foreach (var row in _demoted)
            memory.Leases.Demote(row);

        foreach (var accept in accepts)
        {
            if (accept.Outcome is AcceptResult.Accepted { Leased: var leased })
                Hold(leased, now);
        }

        memory.Dedupe.Sweep(now);
    }

    private void Hold(IReadOnlyList<Delivery> leased, long now)
    {
        foreach (var delivery in leased)
        {
            memory.Leases.Add(delivery.Lease.Handle, attempts: 0, fresh: true);
            memory.Fresh.Add(delivery.Lease.Handle, now);
        }
    }
}
