using System.Buffers.Binary;
using HookGateway.Store;

namespace HookGateway.SysAid.Reconcile;

/// <summary>
/// Keeps what records were from one listing to the next: in several states, since one is small, of which only those are written that
/// have changed. Each is right by itself, whichever of them a crash leaves unwritten.
/// </summary>
/// <param name="store">Where.</param>
/// <param name="name">What the states are called.</param>
/// <param name="fields">Those that are compared.</param>
internal sealed class KnownRecordsStore(IEventStore store, string name, ComparedFields fields)
{
    // At once, to share commits.
    private const int AtOnce = 16;

    private IReadOnlyList<NamedState?> _parts = [];

    /// <summary>Reads what the last whole listing left.</summary>
    /// <returns><see langword="null"/> where no fields are compared.</returns>
    /// <exception cref="StoreException">The store cannot be read now.</exception>
    public async Task<KnownRecords?> LoadAsync(ReconcileState state, CancellationToken cancellationToken)
    {
        if (fields.Count == 0)
            return null;

        var isKnown = state.Known?.Fields == fields.Identity;
        var known = new KnownRecords(fields, isKnown ? state.ListedAt : null);
        _parts = await FindAsync(state.Known?.Count ?? 0, cancellationToken).ConfigureAwait(false);
        foreach (var part in _parts)
        {
            // By its head: another gateway may have begun to write it for other fields.
            if (part is not null && isKnown && part.Value.Span.StartsWith(HeadOf(_parts.Count)))
                known.Read(part.Value.Span[HeadOf(_parts.Count).Length..]);
        }

        return known;
    }

    /// <summary>The listing is done: writes what has changed since it was read.</summary>
    /// <param name="known">What was read, and what became of it.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <returns>Where it stands now.</returns>
    /// <exception cref="StoreException">The store cannot be written now.</exception>
    public async Task<KnownParts?> SaveAsync(KnownRecords? known, CancellationToken cancellationToken)
    {
        if (known is null)
            return null;

        known.End();

        // About half full, so that chance fills none.
        var count = Math.Max(1, _parts.Count);
        while ((long)known.Count * known.Size > (long)count * NamedState.MostBytes / 2)
            count *= 2;

        var before = count == _parts.Count ? _parts : await FindAsync(count, cancellationToken).ConfigureAwait(false);
        foreach (var some in known.Write(count).Select((part, number) => (part, number)).Chunk(AtOnce))
        {
            await Task.WhenAll(some.Select(
                next => SaveAsync(next.number, before[next.number], [.. HeadOf(count), .. next.part], cancellationToken))).ConfigureAwait(false);
        }

        return new KnownParts(fields.Identity, count);
    }

    // Where another gateway was first, what it wrote stands: it is as right.
    private async Task SaveAsync(int number, NamedState? before, byte[] part, CancellationToken cancellationToken)
    {
        if (before?.Value.Span.SequenceEqual(part) != true)
            await store.TrySetStateAsync(NameOf(number), before?.Version ?? 0, part, cancellationToken).ConfigureAwait(false);
    }

    private async Task<IReadOnlyList<NamedState?>> FindAsync(int count, CancellationToken cancellationToken)
    {
        var found = new List<NamedState?>(count);
        for (var number = 0; number < count; number++)
            found.Add(await store.FindStateAsync(NameOf(number), cancellationToken).ConfigureAwait(false));

        return found;
    }

    private byte[] HeadOf(int count)
    {
        var head = new byte[sizeof(long) + sizeof(int)];
        BinaryPrimitives.WriteInt64LittleEndian(head, fields.Identity);
        BinaryPrimitives.WriteInt32LittleEndian(head.AsSpan(sizeof(long)), count);
        return head;
    }

    private string NameOf(int number) => $"{name}:{number}";
}
