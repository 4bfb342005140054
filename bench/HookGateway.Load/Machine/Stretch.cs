using System.Diagnostics;

namespace HookGateway.Load.Machine;

/// <summary>A stretch of time, by <see cref="Stopwatch"/>'s clock.</summary>
internal readonly record struct Stretch(long From, long To)
{
    /// <summary>How long it is.</summary>
    public TimeSpan Length => Stopwatch.GetElapsedTime(From, To);

    /// <summary>Whether the two have an instant in common.</summary>
    public bool Overlaps(Stretch other) => From < other.To && other.From < To;
}
