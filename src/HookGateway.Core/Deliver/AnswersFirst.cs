using HookGateway.Events;
using HookGateway.Store;

namespace HookGateway.Deliver;

/// <summary>
/// Lets those who wait for one commit go on, one after the other on the calling thread; the deliveries that they start begin after the
/// last of them, on the same thread. Were each answer and each first attempt an item of the pool, each would wake a thread that pushes
/// the one before it aside (docs/decisions/0006-threads.md).
/// </summary>
internal static class AnswersFirst
{
    [ThreadStatic]
    private static Queue<(Lane Lane, Delivery First)>? _held;

    [ThreadStatic]
    private static bool _isAnswering;

    /// <summary>Calls <paramref name="answer"/> for each, and then begins what was held meanwhile.</summary>
    public static void Run<T>(IReadOnlyList<T> waiting, Action<T> answer)
    {
        var held = _held ??= new();
        _isAnswering = true;
        try
        {
            foreach (var one in waiting)
                answer(one);
        }
        finally
        {
            _isAnswering = false;
            while (held.TryDequeue(out var next))
                next.Lane.Begin(next.First);
        }
    }

    /// <summary>Keeps a delivery until the answers are given.</summary>
    /// <returns>Whether this thread is giving answers; where not, nothing is kept.</returns>
    public static bool TryHold(Lane lane, Delivery first)
    {
        if (_isAnswering)
            _held!.Enqueue((lane, first));

        return _isAnswering;
    }
}
