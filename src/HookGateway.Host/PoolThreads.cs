namespace HookGateway.Host;

/// <summary>
/// The threads that .NET's pool has at once. By default there are as many as CPUs, and half a second passes before another one: where a
/// container has one CPU, whatever computes or blocks for long there, such as a template, would hold up every event meanwhile.
/// </summary>
internal static class PoolThreads
{
    /// <summary>So many without waiting, even on one CPU.</summary>
    public const int Least = 4;

    /// <summary>Sees to it; a larger number that is set already stays.</summary>
    public static void AtLeastAFew()
    {
        ThreadPool.GetMinThreads(out var workers, out var completions);
        ThreadPool.SetMinThreads(Math.Max(workers, Least), completions);
    }
}
