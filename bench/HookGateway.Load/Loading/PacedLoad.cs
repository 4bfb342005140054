using System.Diagnostics;
using System.Security.Cryptography;
using HookGateway.Load.Machine;
using HookGateway.Load.Measuring;
using HookGateway.Load.Peers;
using HookGateway.Testing;

namespace HookGateway.Load.Loading;

/// <summary>
/// A steady number of events a second, in an open loop: a slow answer does not hold back the next event. It runs in this process,
/// beside its <see cref="LagReceiver"/>, so that both go by one clock.
/// </summary>
/// <param name="rate">Events a second.</param>
/// <param name="receiver">Where the events end up.</param>
/// <param name="directory">Where the disk is probed: where the stores are.</param>
internal sealed class PacedLoad(int rate, LagReceiver receiver, string directory) : ILoad
{
    private static readonly TimeSpan LastAnswer = TimeSpan.FromSeconds(40);

    /// <inheritdoc/>
    public async Task<LoadResult> RunAsync(Peer peer, TimeSpan time, CancellationToken cancellationToken)
    {
        var posts = new PacedPost[(int)(rate * time.TotalSeconds)];
        var receipts = receiver.Expect(Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(8)), posts.Length);
        await using var probe = SyncProbe.Start(directory);
        var began = Stopwatch.GetTimestamp();
        using (var sender = new PacedSender(rate, peer, receipts, posts))
        {
            await sender.RunAsync(began, cancellationToken);
            await Wait.UntilAsync(() => sender.Answered == posts.Length, "an answer to every event", LastAnswer);
        }

        var seconds = Stopwatch.GetElapsedTime(began).TotalSeconds;
        var syncs = await probe.StopAsync();
        await ReceivedAsync(peer.Candidate, posts, receipts, cancellationToken);
        return Count(posts, receipts, seconds, began, syncs);
    }

    // Receipts can be told apart where the id comes with them, as the gateway sends it.
    private static Task ReceivedAsync(Candidate candidate, PacedPost[] posts, Receipts receipts, CancellationToken cancellationToken) =>
        candidate.Kind == PeerKind.Gateway
            ? Wait.UntilAsync(
                () =>
                {
                    cancellationToken.ThrowIfCancellationRequested();
                    return Enumerable.Range(0, posts.Length).All(number => !posts[number].IsAccepted || receipts.Of(number) is not null);
                },
                "the receipt of every accepted event",
                LastAnswer)
            : Task.CompletedTask;

    private LoadResult Count(PacedPost[] posts, Receipts receipts, double seconds, long began, IReadOnlyList<Stretch> syncs)
    {
        var times = posts.Where(post => post.Status != 0).Select(post => Milliseconds(post.Sent, post.Answered)).Order().ToArray();
        var accepted = posts.Count(post => post.IsAccepted);
        var lags = posts.Index().Where(post => post.Item.IsAccepted && receipts.Of(post.Index) is not null)
            .Select(post => Milliseconds(post.Item.Answered, receipts.Of(post.Index)!.Value)).Order().ToArray();
        var late = posts.Select((post, number) => Milliseconds(began, post.Sent) - (1000.0 * number / rate));
        var syncTimes = syncs.Select(sync => sync.Length.TotalMilliseconds).ToArray();
        var paced = new PacedResult(
            rate, Percentile.Of(late, 99), lags.Length == 0 ? null : Percentile.Of(lags, 50), lags.Length == 0 ? null : Percentile.Of(lags, 99),
            StallCount.Of(posts.Select(post => post.Sent), posts.Where(post => post.IsAccepted).Select(post => post.Answered), syncs),
            Percentile.Of(syncTimes, 99), syncTimes.DefaultIfEmpty().Max());
        return new LoadResult
        {
            Seconds = seconds,
            Requests = times.Length,
            Accepted = accepted,
            Failed = times.Length - accepted,
            Unanswered = posts.Length - times.Length,
            P50 = Percentile.Of(times, 50),
            P99 = Percentile.Of(times, 99),
            P999 = Percentile.Of(times, 99.9),
            Longest = times.Length == 0 ? double.NaN : times[^1],
            Paced = paced,
        };
    }

    // A receipt can come before the 202: delivering begins when the answer does.
    private static double Milliseconds(long from, long to) => (to - from) * 1000.0 / Stopwatch.Frequency;
}
