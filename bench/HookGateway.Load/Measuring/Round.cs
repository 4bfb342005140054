using HookGateway.Load.Loading;

namespace HookGateway.Load.Measuring;

/// <summary>One server under load once.</summary>
/// <param name="Load">What the load was answered.</param>
/// <param name="CpuMicroseconds">Processor time a request, from the start of the load until everything accepted was delivered.</param>
/// <param name="ResidentMiB">Memory at the end of the load.</param>
/// <param name="WrittenBytes">Bytes that went to the disk, an accepted event.</param>
/// <param name="WriteCallBytes">Bytes handed to write calls, an accepted event.</param>
/// <param name="Delivered">How many deliveries arrived.</param>
/// <param name="IsDrained">Whether everything accepted was delivered within the limit; else the processor time is too low.</param>
/// <param name="OthersShare">How busy the server's CPUs were with anything else, from 0 to 1: above a few hundredths it shows.</param>
internal sealed record Round(
    LoadResult Load,
    double CpuMicroseconds,
    double ResidentMiB,
    double WrittenBytes,
    double WriteCallBytes,
    long Delivered,
    bool IsDrained,
    double OthersShare)
{
    /// <summary>Events accepted a second.</summary>
    public double AcceptedPerSecond => Load.Accepted / Load.Seconds;
}
