using HookGateway.Load.Loading;
using HookGateway.Load.Machine;

namespace HookGateway.Load.Peers;

/// <summary>What all servers of a run have in common.</summary>
/// <param name="ServerCpus">Where they run.</param>
/// <param name="Downstream">Where they deliver to.</param>
/// <param name="Otlp">Where telemetry goes; <see langword="null"/> where none is exported.</param>
/// <param name="Directory">For stores and files; it goes with the run.</param>
/// <param name="Certificate">The paths of a certificate and its key.</param>
internal sealed record Rig(
    CpuSet ServerCpus, IDownstream Downstream, Uri? Otlp, string Directory, (string Path, string Key) Certificate);
