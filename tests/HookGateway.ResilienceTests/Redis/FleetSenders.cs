using HookGateway.Testing;
using HookGateway.Testing.Senders;
using Xunit;

namespace HookGateway.ResilienceTests.Redis;

/// <summary>
/// Senders that know all gateways of a fleet. Each sends one event after the other until it is acknowledged, at the next gateway where one
/// does not take it, and some of what was acknowledged once more to another gateway.
/// </summary>
internal sealed class FleetSenders(GatewayFleet fleet) : IAsyncDisposable
{
    private const int Senders = 6;
    private const int Keys = 20;
    private const int RepeatEvery = 4;
    private const int Some = 50;

    private static readonly TimeSpan BetweenTries = TimeSpan.FromMilliseconds(20);

    private readonly CancellationTokenSource _stop = new();
    private readonly CancellationTokenSource _giveUp = new();
    private Task<List<Acknowledged>>[] _load = [];
    private int _refused;
    private int _taken;

    /// <summary>Where they send to.</summary>
    public Rotation Rotation { get; } = new(fleet.Gateways);

    /// <summary>How often the answer was 503 so far.</summary>
    public int Refused => Volatile.Read(ref _refused);

    public void Start() => _load = [.. Enumerable.Range(0, Senders).Select(own => Task.Run(() => SendAllAsync(own)))];

    /// <summary>Waits until some more were taken.</summary>
    public Task SentSomeAsync()
    {
        var until = Volatile.Read(ref _taken) + Some;
        return Wait.UntilAsync(() => Volatile.Read(ref _taken) >= until, "some more events to be taken", TimeSpan.FromSeconds(60));
    }

    /// <summary>Ends once every event that was begun is acknowledged.</summary>
    /// <returns>All that were acknowledged.</returns>
    public async Task<IReadOnlyList<Acknowledged>> StopAsync()
    {
        await _stop.CancelAsync();
        return [.. (await Task.WhenAll(_load)).SelectMany(events => events)];
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _giveUp.CancelAsync();
        await ((Task)Task.WhenAll(_load)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        Rotation.Dispose();
        _giveUp.Dispose();
        _stop.Dispose();
    }

    private async Task<List<Acknowledged>> SendAllAsync(int own)
    {
        List<Acknowledged> acknowledged = [];
        for (var number = 0; !_stop.IsCancellationRequested; number++)
        {
            var body = SysAidEvent.Created(number % Keys, $"{own}-{number}");
            var (answer, tries, refused) = await UntilTakenAsync(own + number, body);

            // The same event twice under way would be a duplicate of itself: only a retry may be one.
            Assert.True(tries > 1 || answer.Result == "accepted", "the first try was answered duplicate");
            var isRepeated = number % RepeatEvery == 0;
            if (isRepeated)
            {
                var (again, _, _) = await UntilTakenAsync(own + number + tries, body);
                Assert.Equal(("duplicate", answer.Id), (again.Result, again.Id));
            }

            acknowledged.Add(new Acknowledged(answer.Id!, SysAidEvent.Text(body), tries, refused, isRepeated));
        }

        return acknowledged;
    }

    private async Task<(SenderAnswer Answer, int Tries, int Refused)> UntilTakenAsync(int first, byte[] body)
    {
        var refused = 0;
        for (var tries = 1; ; tries++)
        {
            if (await Rotation.TrySendAsync(first + tries - 1, body) is { } answer)
            {
                if (answer.Status is 202 or 200)
                {
                    Interlocked.Increment(ref _taken);
                    return (answer, tries, refused);
                }

                Assert.True(answer.Status == 503 && answer.Header("Retry-After") is not null, $"{answer.Status} {answer.Body}");
                refused++;
                Interlocked.Increment(ref _refused);
            }

            await Task.Delay(BetweenTries, TimeProvider.System, _giveUp.Token);
        }
    }
}
