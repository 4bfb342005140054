using HookGateway.Testing.Senders;

namespace HookGateway.Faults;

/// <summary>Senders that each post one event after the other, as fast as they are answered.</summary>
internal static class Load
{
    private const int Senders = 32;

    /// <summary>Posts for so long.</summary>
    /// <returns>Events acknowledged a second.</returns>
    public static async Task<double> ForAsync(TimeSpan time, SysAidSender sender)
    {
        var began = TimeProvider.System.GetTimestamp();
        var sent = await PostAsync(sender, _ => TimeProvider.System.GetElapsedTime(began) < time);
        return sent / TimeProvider.System.GetElapsedTime(began).TotalSeconds;
    }

    /// <summary>Posts so many.</summary>
    /// <inheritdoc cref="ForAsync" path="/returns"/>
    public static async Task<double> OfAsync(int events, SysAidSender sender)
    {
        var began = TimeProvider.System.GetTimestamp();
        var sent = await PostAsync(sender, number => number < events);
        return sent / TimeProvider.System.GetElapsedTime(began).TotalSeconds;
    }

    private static async Task<int> PostAsync(SysAidSender sender, Func<int, bool> more)
    {
        var (next, sent) = (-1, 0);
        await Task.WhenAll(Enumerable.Range(0, Senders).Select(_ => Task.Run(async () =>
        {
            for (var number = Interlocked.Increment(ref next); more(number); number = Interlocked.Increment(ref next))
            {
                var answer = await sender.SendAsync(SysAidEvent.Created(number));
                if (answer.Status != 202)
                    throw new InvalidOperationException($"The gateway answered {answer.Status}.");

                Interlocked.Increment(ref sent);
            }
        })));
        return sent;
    }
}
