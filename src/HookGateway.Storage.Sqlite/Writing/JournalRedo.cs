using HookGateway.Storage.Sqlite.Journal;
using HookGateway.Storage.Sqlite.Memory;
using HookGateway.Store;

namespace HookGateway.Storage.Sqlite.Writing;

/// <summary>Does again what the journal has and the database has not: the same writing as at first. Writer thread only.</summary>
internal static class JournalRedo
{
    /// <returns>Where the journal goes on.</returns>
    /// <exception cref="StoreException">There is something in it that this version does not know.</exception>
    public static JournalPlace Run(StoreSession session, JournalSegments segments, JournalPlace from, StoreMemory memory, long now)
    {
        segments.Sync(from);
        var end = from;
        foreach (var (place, payload) in segments.ReadFrom(from))
        {
            using var record = new BinaryReader(new MemoryStream(payload));
            if (!TryWrite(session, segments, place, record, memory, now))
                break;

            end = place.After(JournalRecord.HeaderBytes + payload.Length);
            session.Groups.End(end, rows: 1);
            if (session.Groups.IsDue)
                session.Groups.Commit();
        }

        session.Groups.Commit();

        // They are read as a whole afterwards.
        session.Counts.Clear();
        return end;
    }

    private static bool TryWrite(
        StoreSession session, JournalSegments segments, JournalPlace place, BinaryReader record, StoreMemory memory, long now)
    {
        switch (record.ReadByte())
        {
            case AcceptedEvent.Kind:
                return TryWrite(session, place, AcceptedEvent.Read(record), memory, now);

            case SettledDelivery.Kind:
                session.Groups.Begin(place.Segment, session.NextSeq, now);
                session.Settlements.Write(SettledDelivery.Read(record), out _);
                return true;

            case DemotedDelivery.Kind:
                session.Groups.Begin(place.Segment, session.NextSeq, now);
                session.Settlements.Demote(DemotedDelivery.Read(record));
                return true;

            default:
                throw new StoreException($"{segments.PathOf(place.Segment)} was written by a newer version of HookGateway: run that version.");
        }
    }

    private static bool TryWrite(StoreSession session, JournalPlace place, in AcceptedEvent accepted, StoreMemory memory, long now)
    {
        // Rows rise: this one is left of a group that failed, and whose beginning was written over.
        if (accepted.Seq < session.NextSeq)
            return false;

        session.Groups.Begin(place.Segment, accepted.Seq, now);
        session.Events.Insert(accepted, place, []);
        session.NextSeq = accepted.Seq + 1;
        memory.Ids.ContinueAfter(accepted.Event.Id);
        if (accepted.Seq > memory.CommittedSeq && accepted.Expires > now)
            memory.Dedupe.Add(accepted.DedupeKey, accepted.Event.Id, accepted.Expires);

        return true;
    }
}
