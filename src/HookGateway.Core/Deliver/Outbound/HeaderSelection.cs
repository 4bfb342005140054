using System.Collections.Frozen;
using HookGateway.Configuration.Sections;
using HookGateway.Route;

namespace HookGateway.Deliver.Outbound;

/// <summary>One destination's <c>forwardHeaders</c>, compiled.</summary>
internal sealed class HeaderSelection
{
    private readonly FrozenSet<string> _names;
    private readonly Glob[] _globs;

    /// <param name="patterns">Names, or names in which <c>*</c> stands for any characters; case does not count.</param>
    public HeaderSelection(IReadOnlyList<string> patterns)
    {
        _names = patterns.Where(pattern => !pattern.Contains('*')).ToFrozenSet(StringComparer.OrdinalIgnoreCase);
        _globs = [.. patterns.Where(pattern => pattern.Contains('*')).Select(pattern => new Glob(pattern.ToLowerInvariant()))];
    }

    /// <summary>Whether the destination gets a header.</summary>
    /// <param name="name">The header's name.</param>
    /// <param name="isProof">Whether it proves who the sender is: then no glob takes it.</param>
    public bool Takes(string name, bool isProof)
    {
        if (ForwardHeadersReader.CannotBeForwarded(name))
            return false;

        if (_names.Contains(name))
            return true;

        var lower = name.ToLowerInvariant();
        return !isProof && Array.Exists(_globs, glob => glob.Matches(lower));
    }
}
