using System.Net;

namespace HookGateway.Configuration;

/// <summary>
/// <c>egress</c>: which addresses may be dialled. The narrowest network that holds an address decides; of an allowed and a
/// denied one equally narrow, the allowed one. What no network holds may be dialled.
/// </summary>
public sealed record EgressConfiguration
{
    /// <summary>
    /// Exceptions from <see cref="Deny"/> and from what is denied unasked: the metadata services of clouds and all
    /// link-local addresses. Default none.
    /// </summary>
    public IReadOnlyList<IPNetwork> Allow { get; init; } = [];

    /// <summary>Networks that are never dialled. Default none besides those that are denied unasked.</summary>
    public IReadOnlyList<IPNetwork> Deny { get; init; } = [];
}
