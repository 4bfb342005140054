using System.Text;
using HookGateway.Store;
using Xunit;

namespace HookGateway.StorageTests.Conformance;

/// <summary>Small named states outlive the process, and of two who change one the second is told.</summary>
public abstract class StateConformance(StoreEngine engine) : StoreConformance(engine)
{
    [Fact]
    public async Task FindState_NeverSet_IsNone() => Assert.Null(await Store.FindStateAsync("a", Cancel));

    [Fact]
    public async Task TrySetState_OneAfterTheOther_KeepsTheLastAndEachHasAVersionOfItsOwn()
    {
        var first = await SetAsync("a", 0, "one");
        var second = await SetAsync("a", first!.Value, "two");
        var other = await SetAsync("b", 0, "");

        await ReopenAsync();

        Assert.Distinct([0, first.Value, second!.Value]);
        Assert.Equal((second.Value, "two"), await FindAsync("a"));
        Assert.Equal((other!.Value, ""), await FindAsync("b"));
    }

    [Fact]
    public async Task TrySetState_AgainstAnOlderVersion_ChangesNothing()
    {
        var first = await SetAsync("a", 0, "one");
        var second = await SetAsync("a", first!.Value, "two");

        Assert.Null(await SetAsync("a", first.Value, "three"));
        Assert.Null(await SetAsync("a", 0, "three"));
        Assert.Null(await SetAsync("nobody", 7, "three"));

        Assert.Equal((second!.Value, "two"), await FindAsync("a"));
        Assert.Null(await Store.FindStateAsync("nobody", Cancel));
    }

    [Fact]
    public async Task TrySetState_ManyAtOnce_OneWins()
    {
        var set = await Task.WhenAll(Enumerable.Range(0, 16).Select(i => SetAsync("a", 0, $"{i}")));

        var winner = Assert.Single(Enumerable.Range(0, 16), i => set[i] is not null);
        Assert.Equal((set[winner]!.Value, $"{winner}"), await FindAsync("a"));
    }

    [Fact]
    public async Task TrySetState_LargerThanAllowed_IsRefused()
    {
        Assert.NotNull(await Store.TrySetStateAsync("a", 0, new byte[NamedState.MostBytes], Cancel));

        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(
            () => Store.TrySetStateAsync("a", 1, new byte[NamedState.MostBytes + 1], Cancel));
    }

    [Fact]
    public async Task TryLead_TheOnlyHolder_LeadsForAsLongAsItAsks()
    {
        Assert.True(await Store.TryLeadAsync("a", "me", TimeSpan.FromSeconds(10), Cancel));
        Assert.True(await Store.TryLeadAsync("a", "me", TimeSpan.FromSeconds(10), Cancel));
    }

    private Task<long?> SetAsync(string name, long version, string value) =>
        Store.TrySetStateAsync(name, version, Encoding.UTF8.GetBytes(value), Cancel);

    private async Task<(long, string)> FindAsync(string name)
    {
        var found = await Store.FindStateAsync(name, Cancel);
        return (found!.Version, Encoding.UTF8.GetString(found.Value.Span));
    }
}
