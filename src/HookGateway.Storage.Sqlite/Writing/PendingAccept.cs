using HookGateway.Store;

namespace HookGateway.Storage.Sqlite.Writing;

/// <summary>An event that waits for its commit, and whoever waits for it, who goes on where it is told: see <see cref="Answers"/>.</summary>
internal sealed class PendingAccept(AcceptRequest request, long enqueuedAt) : TaskCompletionSource<AcceptResult>
{
    public AcceptRequest Request { get; } = request;

    /// <summary>A time stamp of the store's clock.</summary>
    public long EnqueuedAt { get; } = enqueuedAt;

    /// <summary>What it will be told. Set before the commit, and set anew where that fails.</summary>
    public AcceptResult? Outcome { get; set; }

    public void Refuse(string reason) => Outcome = new AcceptResult.Unavailable(reason);

    public void Tell() => SetResult(Outcome!);
}
