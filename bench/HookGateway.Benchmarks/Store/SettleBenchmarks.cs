using BenchmarkDotNet.Attributes;
using HookGateway.Store;

namespace HookGateway.Benchmarks.Store;

/// <summary>What it costs to write that a delivery was made, in commits of nothing else.</summary>
[MemoryDiagnoser]
public class SettleBenchmarks : IAsyncDisposable
{
    /// <summary>Settlements in a commit: so many do not wait for an accept whose commit they could share.</summary>
    public const int Group = 64;

    /// <summary>Settlements in a call of <see cref="Settle"/>.</summary>
    public const int Settlements = 16 * Group;

    private GroupedStore? _store;
    private ReadOnlyMemory<Settlement> _settlements;

    [GlobalSetup]
    public async Task OpenAsync() => _store = await GroupedStore.OpenAsync();

    [IterationSetup]
    public void Accept() =>
        _settlements = _store!.Settlements(_store.AcceptAsync(_store.Requests(Settlements)).GetAwaiter().GetResult());

    [Benchmark(OperationsPerInvoke = Settlements)]
    public async Task Settle()
    {
        for (var first = 0; first < Settlements; first += Group)
            await _store!.SettleAsync(_settlements.Slice(first, Group));
    }

    [GlobalCleanup]
    public async ValueTask DisposeAsync()
    {
        if (_store is not null)
            await _store.DisposeAsync();
        GC.SuppressFinalize(this);
    }
}
