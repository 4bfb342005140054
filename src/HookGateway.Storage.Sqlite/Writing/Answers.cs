using HookGateway.Deliver;

namespace HookGateway.Storage.Sqlite.Writing;

/// <summary>
/// Tells those who waited for the writer what came of it, on threads of the pool: as many items as there are CPUs, for more could not
/// run at once, and to wake a thread for each event costs more than the answer.
/// </summary>
internal sealed class Answers : IThreadPoolWorkItem
{
    private readonly PendingAccept[] _accepts;

    private Answers(ReadOnlySpan<PendingAccept> accepts) => _accepts = accepts.ToArray();

    /// <summary>Has all be told their <see cref="PendingAccept.Outcome"/>. Any thread; waits for nobody.</summary>
    public static void Give(ReadOnlySpan<PendingAccept> accepts)
    {
        var share = (accepts.Length + Environment.ProcessorCount - 1) / Environment.ProcessorCount;
        while (accepts.Length > 0)
        {
            var mine = accepts[..Math.Min(share, accepts.Length)];
            ThreadPool.UnsafeQueueUserWorkItem(new Answers(mine), preferLocal: false);
            accepts = accepts[mine.Length..];
        }
    }

    /// <summary>Has all be told that they are not known to be stored, and why.</summary>
    public static void Refuse(ReadOnlySpan<PendingAccept> accepts, string reason)
    {
        foreach (var accept in accepts)
            accept.Refuse(reason);

        Give(accepts);
    }

    void IThreadPoolWorkItem.Execute() => AnswersFirst.Run(_accepts, static accept => accept.Tell());
}
