using Xunit;

namespace HookGateway.AllocationTests;

/// <summary>How many bytes an operation may allocate: a tenth more than was measured, and none where it was none.</summary>
/// <param name="Measured">What it allocated when this was written, in a Release build.</param>
internal sealed record Budget(long Measured)
{
#if DEBUG
    // The state of an asynchronous method is an object there, whether it waits or not.
    private const double Above = 1.25;
#else
    private const double Above = 1.1;
#endif
    private const double Below = 0.8;

    /// <summary>Fails where an operation allocates more; and where it allocates so much less that the budget guards nothing.</summary>
    /// <param name="allocated">Bytes for one operation.</param>
    public void Check(double allocated)
    {
        TestContext.Current.TestOutputHelper?.WriteLine($"{allocated:0.0} bytes");
        Assert.True(
            allocated <= Measured * Above,
            $"It allocates {allocated:0.0} bytes where {Measured} were measured: find out why, or say in Budgets that it is worth it.");
        Assert.True(
            allocated >= Measured * Below,
            $"It allocates {allocated:0.0} bytes where {Measured} were measured: write the new figure into Budgets.");
    }
}
