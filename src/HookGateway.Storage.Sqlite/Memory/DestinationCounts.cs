using System.Runtime.InteropServices;

namespace HookGateway.Storage.Sqlite.Memory;

/// <summary>
/// How many deliveries each destination is owed, how many are dead, and how many of those block their key, as committed. Changes are staged while a transaction
/// is open and count from its commit on. Writer thread only.
/// </summary>
internal sealed class DestinationCounts
{
    private readonly Dictionary<int, Count> _committed = [];
    private readonly List<(int Destination, Count Change)> _staged = [];

    internal readonly record struct Count(long Pending, long Dead, long Blocked);

    public IReadOnlyDictionary<int, Count> All => _committed;

    public void Stage(int destination, long pending = 0, long dead = 0, long blocked = 0) =>
        _staged.Add((destination, new Count(pending, dead, blocked)));

    public void Commit()
    {
        foreach (var (destination, change) in _staged)
        {
            ref var count = ref CollectionsMarshal.GetValueRefOrAddDefault(_committed, destination, out _);
            count = new Count(count.Pending + change.Pending, count.Dead + change.Dead, count.Blocked + change.Blocked);
        }

        _staged.Clear();
    }

    public void Discard() => _staged.Clear();

    /// <summary>Forgets everything: it is about to be read anew.</summary>
    public void Clear()
    {
        _committed.Clear();
        _staged.Clear();
    }
}
