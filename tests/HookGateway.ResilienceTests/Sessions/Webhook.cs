using HookGateway.Testing.Senders;

namespace HookGateway.ResilienceTests.Sessions;

/// <summary>A webhook on its way, and what came of it.</summary>
/// <param name="post">What.</param>
/// <param name="fate">What was to happen to it.</param>
internal sealed class Webhook(SysAidPost post, Fate fate)
{
    public SysAidPost Post { get; } = post;

    public Fate Fate { get; } = fate;

    /// <summary>Its changes.</summary>
    public IReadOnlyList<SysAidChange> Changes { get; } = SysAidChanges.In(post.Body);

    /// <summary>When it was first posted: the gateway took it no sooner.</summary>
    public DateTimeOffset? Posted { get; set; }

    /// <summary>When it was acknowledged, and the gateway had it; <see langword="null"/>: never, as far as SysAid knows.</summary>
    public DateTimeOffset? Acknowledged { get; set; }
}

/// <summary>What happens to a webhook on its way.</summary>
internal enum Fate
{
    /// <summary>It comes when it is sent.</summary>
    Prompt,

    /// <summary>It never comes.</summary>
    Lost,

    /// <summary>It comes later than others that were sent after it.</summary>
    Late,

    /// <summary>It is one that came already.</summary>
    Repeated,
}
