using HookGateway.Store;

namespace HookGateway.Storage.Sqlite.Writing;

/// <summary>An event that waits for its commit, and whoever waits for it.</summary>
internal sealed class PendingAccept(AcceptRequest request, long enqueuedAt)
    : TaskCompletionSource<AcceptResult>(TaskCreationOptions.RunContinuationsAsynchronously)
{
    public AcceptRequest Request { get; } = request;

    /// <summary>A time stamp of the store's clock.</summary>
    public long EnqueuedAt { get; } = enqueuedAt;

    /// <summary>What it is answered if the commit succeeds.</summary>
    public AcceptResult? Outcome { get; set; }

    public void Refuse(string reason) => TrySetResult(new AcceptResult.Unavailable(reason));
}
