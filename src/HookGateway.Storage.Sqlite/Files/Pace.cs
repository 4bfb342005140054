namespace HookGateway.Storage.Sqlite.Files;

/// <summary>
/// The pace of a long computation beside events: half a millisecond, then a rest of five, over and over. Where both share a CPU, a
/// computation that goes on and on makes each step of an event wait for up to 4 ms, the system's turn. Not thread-safe.
/// </summary>
/// <param name="time">Measures the turns.</param>
/// <param name="rest">Blocks the thread for so long.</param>
/// <param name="gentleFor">After so long in all it rests no more.</param>
internal sealed class Pace(TimeProvider time, Action<TimeSpan> rest, TimeSpan gentleFor)
{
    private const int CallsALook = 64;
    private static readonly TimeSpan Turn = TimeSpan.FromMilliseconds(0.5);
    private static readonly TimeSpan Rest = TimeSpan.FromMilliseconds(5);

    private readonly long _began = time.GetTimestamp();
    private long _turn = time.GetTimestamp();
    private int _calls;

    /// <summary>A pace that blocks its thread.</summary>
    /// <param name="options">The store's.</param>
    /// <param name="gentleFor">After so long in all it rests no more.</param>
    /// <param name="cancellationToken">Has <see cref="GiveWay"/> throw <see cref="OperationCanceledException"/>.</param>
    public static Pace Of(SqliteStoreOptions options, TimeSpan gentleFor, CancellationToken cancellationToken) => new(
        TimeProvider.System,
        time =>
        {
            if (options.Rest is { } instead)
                instead();
            else
                cancellationToken.WaitHandle.WaitOne(time);

            cancellationToken.ThrowIfCancellationRequested();
        },
        gentleFor);

    /// <summary>Rests, where it is time to. To be called every few microseconds.</summary>
    public void GiveWay()
    {
        if (++_calls % CallsALook != 0 || time.GetElapsedTime(_turn) < Turn)
            return;

        rest(time.GetElapsedTime(_began) < gentleFor ? Rest : TimeSpan.Zero);
        _turn = time.GetTimestamp();
    }
}
