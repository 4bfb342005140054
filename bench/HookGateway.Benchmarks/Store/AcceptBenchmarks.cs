using BenchmarkDotNet.Attributes;
using HookGateway.Events;
using HookGateway.Store;

namespace HookGateway.Benchmarks.Store;

/// <summary>
/// What it costs an event to be stored with one delivery, in groups of as many as come together under the load of 64
/// connections: one commit, one sync of the disk that <c>TMPDIR</c> lies on.
/// </summary>
[MemoryDiagnoser]
public class AcceptBenchmarks : IAsyncDisposable
{
    /// <summary>Events in a commit.</summary>
    public const int Group = 36;

    /// <summary>Events in a call of <see cref="Accept"/>.</summary>
    public const int Events = 16 * Group;

    private readonly List<Delivery> _accepted = [];
    private GroupedStore? _store;
    private ReadOnlyMemory<AcceptRequest> _requests;

    [GlobalSetup]
    public async Task OpenAsync() => _store = await GroupedStore.OpenAsync();

    /// <summary>Ends what an earlier call stored: a lease that is held for long costs the store something.</summary>
    [IterationSetup]
    public void Prepare()
    {
        if (_accepted.Count > 0)
            _store!.SettleAsync(_store.Settlements(_accepted)).GetAwaiter().GetResult();
        _accepted.Clear();
        _requests = _store!.Requests(Events);
    }

    [Benchmark(OperationsPerInvoke = Events)]
    public async Task Accept()
    {
        for (var first = 0; first < Events; first += Group)
            _accepted.AddRange(await _store!.AcceptAsync(_requests.Slice(first, Group)));
    }

    [GlobalCleanup]
    public async ValueTask DisposeAsync()
    {
        if (_store is not null)
            await _store.DisposeAsync();
        GC.SuppressFinalize(this);
    }
}
