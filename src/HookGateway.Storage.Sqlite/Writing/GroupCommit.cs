using HookGateway.Events;
using HookGateway.Storage.Sqlite.Journal;
using HookGateway.Storage.Sqlite.Memory;
using HookGateway.Storage.Sqlite.Rows;
using HookGateway.Store;

namespace HookGateway.Storage.Sqlite.Writing;

/// <summary>
/// One write to the journal, and one sync, for everything that waits; in between, the same in the open transaction of the database,
/// which a crash may take back: a start does it again from the journal. What it changes in memory counts from the sync on; the dedupe
/// marks alone are there earlier, so that a duplicate within the group is seen, and go if it fails. Writer thread only.
/// </summary>
internal sealed class GroupCommit(SqliteStoreOptions options, StoreMemory memory)
{
    private const long FreshFromEveryMilliseconds = 1000;

    private readonly List<(PendingAccept Accept, AcceptedEvent Event, int Start)> _accepted = [];
    private readonly List<SettledDelivery> _settled = [];
    private readonly List<(int Ordinal, bool IsOrdered)> _started = [];
    private readonly List<long> _released = [];
    private readonly List<bool> _freedNext = [];
    private readonly List<long> _demoted = [];
    private long _firstSeq;
    private long _freshFrom;
    private long _freshFromSavedAt;

    /// <summary>Whether the last run's group is in the journal, and so will be stored whatever else happened.</summary>
    public bool IsWritten { get; private set; }

    /// <summary>Whether each settlement of the last run made another delivery due, in their order.</summary>
    public IReadOnlyList<bool> FreedNext => _freedNext;

    /// <summary>Writes and syncs; the outcomes are set, and nobody has been told.</summary>
    /// <exception cref="Exception">Nothing was written, or nobody knows: <see cref="Undo"/> it.</exception>
    public void Run(StoreSession session, IReadOnlyList<PendingAccept> accepts, IReadOnlyList<Settlement> settlements, long now)
    {
        IsWritten = false;
        _accepted.Clear();
        _settled.Clear();
        _released.Clear();
        _freedNext.Clear();
        _demoted.Clear();
        _firstSeq = session.NextSeq;
        session.Journal.Begin();
        foreach (var accept in accepts)
            Prepare(session, accept, now);

        foreach (var settlement in settlements)
            Prepare(session, settlement, now);

        _demoted.AddRange(memory.Fresh.Overdue(now));
        foreach (var row in _demoted)
            Prepare(session, new DemotedDelivery(row, now));

        options.BeforeCommit?.Invoke();
        WriteAndApply(session, now);
        IsWritten = true;
        options.AfterCommit?.Invoke();
        session.Groups.End(session.Journal.At, accepts.Count + settlements.Count);
        Committed(now);
    }

    /// <summary>Takes back what a failed run changed in memory.</summary>
    public void Undo(StoreSession session)
    {
        foreach (var (accept, _, _) in _accepted)
            memory.Dedupe.Remove(accept.Request.DedupeKey);

        session.NextSeq = _firstSeq;
    }

    // The open transaction takes it in while the disk writes: nothing of that counts before the sync.
    private void WriteAndApply(StoreSession session, long now)
    {
        try
        {
            var place = session.Journal.Append();
            session.Groups.Begin(place.Segment, _firstSeq, now);
            Apply(session, place, now);
            if (_accepted.Count == 0 && _settled.Count == 0)
                session.Probe();

            session.Journal.Sync();
        }
        catch
        {
            session.Journal.Discard();
            throw;
        }
    }

    private void Prepare(StoreSession session, PendingAccept accept, long now)
    {
        var request = accept.Request;
        if (memory.Dedupe.TryFind(request.DedupeKey, now, out var first))
        {
            accept.Outcome = new AcceptResult.Duplicate(first);
            return;
        }

        var stored = request.Event with { Id = memory.Ids.Next(now) };
        var expires = now + (long)request.DedupeWindow.TotalMilliseconds;
        var accepted = new AcceptedEvent(
            session.NextSeq++, stored, request.Disposition, request.Deliveries, request.DedupeKey, expires, now);
        var start = session.Journal.BeginRecord(out var record);
        accepted.Write(record);
        _accepted.Add((accept, accepted, start));
        memory.Dedupe.Add(request.DedupeKey, stored.Id, expires);
    }

    private void Prepare(StoreSession session, Settlement settlement, long now)
    {
        var (row, attempts) = (settlement.Delivery.Lease.Handle, settlement.Delivery.Attempts);
        var isHeld = settlement.Delivery.Lease.Epoch == memory.Epoch && memory.Leases.Contains(row, attempts);
        var settled = SettledDelivery.Of(settlement, isHeld, now);
        session.Journal.BeginRecord(out var record);
        settled.Write(record);
        _settled.Add(settled);
    }

    private static void Prepare(StoreSession session, DemotedDelivery demoted)
    {
        session.Journal.BeginRecord(out var record);
        demoted.Write(record);
    }

    private void Apply(StoreSession session, JournalPlace place, long now)
    {
        foreach (var (accept, accepted, start) in _accepted)
        {
            _started.Clear();
            session.Events.Insert(accepted, place.After(start), _started);
            accept.Outcome = new AcceptResult.Accepted(accepted.Event, Leased(accepted));
        }

        foreach (var settled in _settled)
        {
            if (session.Settlements.Write(settled, out var freedNext))
                _released.Add(settled.Row);

            _freedNext.Add(freedNext);
        }

        foreach (var row in _demoted)
            session.Settlements.Demote(new DemotedDelivery(row, now));

        SaveFreshFrom(session, now);
    }

    private List<Delivery> Leased(in AcceptedEvent accepted)
    {
        var leased = new List<Delivery>(_started.Count);
        foreach (var (ordinal, isOrdered) in _started)
        {
            leased.Add(new Delivery
            {
                Event = accepted.Event,
                Destination = accepted.Deliveries[ordinal].Destination,
                Ordinal = ordinal,
                Attempts = 0,
                Sequence = isOrdered ? accepted.Seq : null,
                Lease = new Lease(DeliveryRow.Of(accepted.Seq, ordinal), memory.Epoch),
            });
        }

        return leased;
    }

    private void SaveFreshFrom(StoreSession session, long now)
    {
        var from = memory.Fresh.Oldest() ?? DeliveryRow.First(_firstSeq);
        if (from == _freshFrom || (now >= _freshFromSavedAt && now - _freshFromSavedAt < FreshFromEveryMilliseconds))
            return;

        session.SaveFreshFrom(from);
        (_freshFrom, _freshFromSavedAt) = (from, now);
    }

    private void Committed(long now)
    {
        memory.CommittedSeq = _firstSeq + _accepted.Count - 1;
        foreach (var row in _released)
            memory.Leases.Remove(row);

        foreach (var row in _demoted)
            memory.Leases.Demote(row);

        foreach (var (accept, _, _) in _accepted)
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
