using HookGateway.Storage.Redis;
using HookGateway.StorageTests.Conformance;
using HookGateway.Store;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace HookGateway.StorageTests.Redis;

/// <summary>The gateway stops between two scripts, or after one of which it does not hear any more, and another one goes on,
/// beside one that took events all the time.</summary>
public sealed class RedisCoalescePropertyTests(ITestOutputHelper output) : CoalescePropertyTests(output)
{
    private readonly RedisStoreOptions _options = new RedisEngine().Options;
    private Func<Task> _aroundScripts = () => Task.CompletedTask;

    protected override IEventStore Create(TimeProvider time)
    {
        _aroundScripts = () => Task.CompletedTask;
        return new RedisEventStore(
            _options with { BeforeScript = () => _aroundScripts(), AfterScript = () => _aroundScripts() },
            time,
            NullLogger<RedisEventStore>.Instance);
    }

    protected override IEventStore? CreateOther(TimeProvider time) =>
        new RedisEventStore(_options, time, NullLogger<RedisEventStore>.Instance);

    private protected override async Task CrashAsync(CoalescedGateway gateway, Func<Task> meanwhile, Random random)
    {
        var (left, gone) = (random.Next(8), new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        var stopped = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _aroundScripts = () =>
        {
            if (Interlocked.Decrement(ref left) >= 0)
                return Task.CompletedTask;

            stopped.TrySetResult();
            return gone.Task;
        };
        var running = meanwhile();
        await Task.WhenAny(running, stopped.Task);
        left = 0;

        // Only now it hears of anything: nothing more reaches the server.
        gone.SetException(new StoreException("The gateway is gone.", new InvalidOperationException()));
        await running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await gateway.DisposeAsync();
    }
}
