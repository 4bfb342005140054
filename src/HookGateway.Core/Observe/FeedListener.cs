using System.Threading.Channels;
using HookGateway.Route;
using HookGateway.Store;

namespace HookGateway.Observe;

/// <summary>One who listens to the <see cref="EventFeed"/>: what meets its filter waits here, up to a bound.</summary>
internal sealed class FeedListener(EventFilter filter, Action<FeedListener> leave) : IDisposable
{
    /// <summary>So much may wait; what comes beyond is lost and counted.</summary>
    internal const int MostWaiting = 1024;

    private readonly Channel<FeedHappening> _waiting = Channel.CreateBounded<FeedHappening>(MostWaiting);
    private readonly Glob? _event = filter.Event is { } pattern ? new Glob(pattern) : null;
    private long _skipped;

    /// <summary>Leaves something here, or counts it as lost. Never waits.</summary>
    public void Offer(FeedHappening happening, IReadOnlyList<string> destinations)
    {
        if (IsWanted(happening, destinations) && !_waiting.Writer.TryWrite(happening))
            Interlocked.Increment(ref _skipped);
    }

    /// <summary>How many were lost since it was last asked.</summary>
    public long TakeSkipped() => Interlocked.Exchange(ref _skipped, 0);

    public bool TryTake(out FeedHappening? happening) => _waiting.Reader.TryRead(out happening);

    /// <summary>Completes when something waits.</summary>
    public ValueTask<bool> WaitAsync(CancellationToken cancellationToken) => _waiting.Reader.WaitToReadAsync(cancellationToken);

    public void Dispose() => leave(this);

    private bool IsWanted(FeedHappening happening, IReadOnlyList<string> destinations) =>
        (filter.Source is null || filter.Source == happening.Source)
        && (_event is not { } glob || glob.Matches(happening.Event))
        && (filter.Key is null || filter.Key == happening.Key)
        && (filter.State is null || filter.State == happening.State)
        && (filter.Destination is null || destinations.Contains(filter.Destination, StringComparer.Ordinal));
}
