using System.Diagnostics;

namespace HookGateway.Testing;

/// <summary>Waiting for something to come true, in real time and with a limit.</summary>
public static class Wait
{
    /// <summary>How long a test waits where it does not say: long enough for a busy machine.</summary>
    public static readonly TimeSpan DefaultLimit = TimeSpan.FromSeconds(60);

    private static readonly TimeSpan BetweenLooks = TimeSpan.FromMilliseconds(10);

    /// <summary>Completes when <paramref name="condition"/> holds.</summary>
    /// <param name="condition">Looked at every 10 ms.</param>
    /// <param name="what">What is waited for, for the failure's message.</param>
    /// <param name="limit">Default <see cref="DefaultLimit"/>.</param>
    /// <exception cref="TimeoutException">It did not come true.</exception>
    public static Task UntilAsync(Func<bool> condition, string what, TimeSpan? limit = null) =>
        UntilAsync(() => Task.FromResult(condition()), what, limit);

    /// <inheritdoc cref="UntilAsync(Func{bool}, string, TimeSpan?)"/>
    public static async Task UntilAsync(Func<Task<bool>> condition, string what, TimeSpan? limit = null)
    {
        var start = Stopwatch.GetTimestamp();
        while (!await condition())
        {
            var waited = Stopwatch.GetElapsedTime(start);
            if (waited > (limit ?? DefaultLimit))
                throw new TimeoutException($"Waited {waited.TotalSeconds:0.0} s in vain for: {what}");
            await Task.Delay(BetweenLooks, TimeProvider.System);
        }
    }

    /// <summary>The task's result, or a failure where it takes longer than the limit.</summary>
    /// <exception cref="TimeoutException">It did not complete.</exception>
    public static async Task<T> ForAsync<T>(Task<T> task, string what, TimeSpan? limit = null)
    {
        try
        {
            return await task.WaitAsync(limit ?? DefaultLimit, TimeProvider.System);
        }
        catch (TimeoutException)
        {
            throw new TimeoutException($"Waited in vain for: {what}");
        }
    }
}
