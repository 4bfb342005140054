namespace HookGateway.AllocationTests;

/// <summary>Counts the bytes that an operation allocates, on average over many.</summary>
internal static class Allocated
{
    private const int WarmUp = 100;
    private const int Calls = 8;

    /// <summary>What the calling thread allocates for a call of what is synchronous: exact, whatever other threads do.</summary>
    public static double ByThread(Func<object> operation, int calls = 1000)
    {
        for (var i = 0; i < WarmUp; i++)
            operation();
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < calls; i++)
            operation();
        return (GC.GetAllocatedBytesForCurrentThread() - before) / (double)calls;
    }

    /// <summary>
    /// What all threads of the process allocate for an operation: nothing else may run in it. Of several calls the cheapest
    /// counts, for what timers, pools and the runtime itself allocate now and then comes on top.
    /// </summary>
    /// <param name="call">Does some hundreds of operations.</param>
    /// <param name="operations">How many a call does.</param>
    /// <param name="prepare">Runs before each call; what it allocates does not count.</param>
    public static async Task<double> ByProcess(Func<Task> call, int operations, Action? prepare = null)
    {
        var least = long.MaxValue;
        for (var i = 0; i < Calls; i++)
        {
            prepare?.Invoke();
            var before = GC.GetTotalAllocatedBytes(precise: true);
            await call();
            least = Math.Min(least, GC.GetTotalAllocatedBytes(precise: true) - before);
        }

        return least / (double)operations;
    }
}
