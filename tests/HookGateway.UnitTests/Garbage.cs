namespace HookGateway.UnitTests;

/// <summary>Counts what a call leaves to the garbage collector.</summary>
internal static class Garbage
{
    private const int Calls = 1000;

    /// <summary>Bytes a call, on average and rounded down: what the runtime allocates once, for itself, does not count.</summary>
    public static long PerCall(Action call)
    {
        call();
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < Calls; i++) call();
        return (GC.GetAllocatedBytesForCurrentThread() - before) / Calls;
    }
}
