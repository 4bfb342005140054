using System.Collections.Concurrent;
using HookGateway.SysAid;
using Microsoft.Extensions.Time.Testing;

namespace HookGateway.UnitTests.SysAid;

/// <summary>A clock on which every wait is over as soon as it has begun. The time limit of an attempt is none: it never runs out by itself.</summary>
internal sealed class JumpingTime() : FakeTimeProvider(new DateTimeOffset(2026, 1, 1, 0, 0, 0, 300, TimeSpan.Zero))
{
    private readonly ConcurrentQueue<TimeSpan> _waits = new();

    /// <summary>Whether it jumps. Default yes.</summary>
    public bool Jumps { get; set; } = true;

    /// <summary>What was waited for, one after the other.</summary>
    public IReadOnlyList<TimeSpan> Waits => [.. _waits];

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = base.CreateTimer(callback, state, dueTime, period);
        if (dueTime <= TimeSpan.Zero || dueTime == ApiSender.Limit)
            return timer;

        _waits.Enqueue(dueTime);
        if (Jumps)
            ThreadPool.QueueUserWorkItem(_ => Advance(dueTime));

        return timer;
    }
}
