using System.Runtime.InteropServices;

namespace HookGateway.Storage.Sqlite.Memory;

/// <summary>
/// How many deliveries each destination is owed and how many are dead, as committed. Changes are staged while a transaction
/// is open and count from its commit on. Writer thread only.
/// </summary>
internal sealed class DestinationCounts
{
    private readonly Dictionary<int, Count> _committed = [];
    private readonly List<(int Destination, Count Change)> _staged = [];

    internal readonly record struct Count(long Pending, long Dead);

    public IReadOnlyDictionary<int, Count> All => _committed;

    public void Stage(int destination, long pending, long dead) => _staged.Add((destination, new Count(pending, dead)));

    public void Commit()
    {
        foreach (var (destination, change) in _staged)
        {
            ref var count = ref CollectionsMarshal.GetValueRefOrAddDefault(_committed, destination, out _);
            count = new Count(count.Pending + change.Pending, count.Dead + change.Dead);
        }

        _staged.Clear();
    }

    public void Discard() => _staged.Clear();
}
