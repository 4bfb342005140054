using Xunit;

namespace HookGateway.StorageTests.Conformance;

/// <summary>Which destinations are paused outlives the process.</summary>
public abstract class PausingConformance(StoreEngine engine) : StoreConformance(engine)
{
    [Fact]
    public async Task SetPaused_Paused_IsKeptWithTheFirstTime()
    {
        var since = Time.GetUtcNow();
        await Store.SetPausedAsync("jira", paused: true, Cancel);
        Time.Advance(TimeSpan.FromMinutes(1));
        await Store.SetPausedAsync("jira", paused: true, Cancel);
        await Store.SetPausedAsync("slack", paused: true, Cancel);

        await ReopenAsync();

        Assert.Equal([new("jira", since), new("slack", since.AddMinutes(1))], await Store.PausedAsync(Cancel));
    }

    [Fact]
    public async Task SetPaused_Resumed_IsForgotten()
    {
        await Store.SetPausedAsync("jira", paused: true, Cancel);
        await Store.SetPausedAsync("jira", paused: false, Cancel);
        await Store.SetPausedAsync("nobody", paused: false, Cancel);

        Assert.Empty(await Store.PausedAsync(Cancel));
        await ReopenAsync();
        Assert.Empty(await Store.PausedAsync(Cancel));
    }
}
