using HookGateway.Configuration.Reading;

namespace HookGateway.Configuration.Sections;

/// <summary>Reads <c>egress</c>.</summary>
internal static class EgressReader
{
    public static EgressConfiguration Read(MappingReader egress) => new()
    {
        Allow = egress.List("allow", Kinds.Network, [], mayBeEmpty: true),
        Deny = egress.List("deny", Kinds.Network, [], mayBeEmpty: true),
    };
}
