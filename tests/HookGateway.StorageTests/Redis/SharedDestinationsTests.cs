using HookGateway.Storage.Redis;
using HookGateway.Store;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace HookGateway.StorageTests.Redis;

/// <summary>What gateways on one Redis tell one another of destinations.</summary>
public sealed class SharedDestinationsTests : RedisStoreTest
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan UntilSilent = TimeSpan.FromSeconds(5);

    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));

    [Fact]
    public async Task Exchange_OperatorPaused_EveryGatewayLearnsIt()
    {
        var (first, second) = (await OpenStoreAsync(), await OpenStoreAsync());
        await first.SetPausedAsync("jira", paused: true, Cancel);
        await first.SetPausedAsync("slack", paused: true, Cancel);
        await second.SetPausedAsync("slack", paused: false, Cancel);

        Assert.Equal(["jira"], (await ExchangeAsync(first)).Paused);
        Assert.Equal(["jira"], (await ExchangeAsync(second)).Paused);
    }

    [Fact]
    public async Task Exchange_BreakerOpensAndCloses_OthersLearnItAndItsOwnGatewayDoesNot()
    {
        var (first, second) = (await OpenStoreAsync(), await OpenStoreAsync());

        Assert.Empty((await ExchangeAsync(first, new OpenBreaker("jira", Pause))).OpenElsewhere);
        Assert.Equal([new OpenBreaker("jira", Pause)], (await ExchangeAsync(second)).OpenElsewhere);
        _time.Advance(TimeSpan.FromSeconds(12));
        Assert.Equal([new OpenBreaker("jira", Pause - TimeSpan.FromSeconds(12))], (await ExchangeAsync(second)).OpenElsewhere);

        await ExchangeAsync(first);
        Assert.Empty((await ExchangeAsync(second)).OpenElsewhere);
    }

    [Fact]
    public async Task Exchange_OpenAtTwo_IsTheFirstOnesUntilItCloses()
    {
        var (first, second) = (await OpenStoreAsync(), await OpenStoreAsync());
        await ExchangeAsync(first, new OpenBreaker("jira", Pause));

        Assert.Single((await ExchangeAsync(second, new OpenBreaker("jira", Pause))).OpenElsewhere);
        Assert.Empty((await ExchangeAsync(first, new OpenBreaker("jira", TimeSpan.Zero))).OpenElsewhere);
        Assert.Equal([new OpenBreaker("jira", TimeSpan.Zero)], (await ExchangeAsync(second)).OpenElsewhere);

        await ExchangeAsync(first);
        Assert.Empty((await ExchangeAsync(second, new OpenBreaker("jira", Pause))).OpenElsewhere);
        Assert.Single((await ExchangeAsync(first)).OpenElsewhere);
    }

    [Fact]
    public async Task Exchange_GatewayIsNotHeardOfAnyMore_ItsWordLapsesAfterThePause()
    {
        var (died, other) = (await OpenStoreAsync(), await OpenStoreAsync());
        await ExchangeAsync(died, new OpenBreaker("jira", Pause), new OpenBreaker("slack", TimeSpan.Zero));

        _time.Advance(UntilSilent - TimeSpan.FromMilliseconds(1));
        Assert.Equal(2, (await ExchangeAsync(other)).OpenElsewhere.Count);
        _time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Equal("jira", Assert.Single((await ExchangeAsync(other)).OpenElsewhere).Destination);
        _time.Advance(Pause - UntilSilent);
        Assert.Empty((await ExchangeAsync(other)).OpenElsewhere);
    }

    [Theory]
    [InlineData(1, 0)]
    [InlineData(250, 0)]
    [InlineData(20, 5)]
    [InlineData(0.7, 100)]
    public async Task TakeTokens_TwoGatewaysWithoutEnd_GetTheBucketsRateTogether(double milliseconds, int saved)
    {
        var bucket = new TokenBucket(TimeSpan.FromMilliseconds(milliseconds), saved);
        var stores = new[] { await OpenStoreAsync(), await OpenStoreAsync() };
        var start = _time.GetUtcNow();
        var random = new Random(3);
        var taken = 0;
        for (var i = 0; i < 400; i++)
        {
            var most = random.Next(1, 8);
            var grant = await stores[i % 2].SharedDestinations.TakeTokensAsync("jira", bucket, most, Cancel);
            Assert.InRange(grant.Tokens, 0, most);
            Assert.Equal(grant.Tokens == 0, grant.Wait > TimeSpan.Zero);
            taken += grant.Tokens;
            Assert.True(taken <= saved + 1 + ((_time.GetUtcNow() - start) / bucket.Interval), $"{taken} after {_time.GetUtcNow() - start}");
            _time.Advance(TimeSpan.FromMilliseconds(Math.Ceiling(grant.Wait.TotalMilliseconds)));
        }

        // Those it had saved and all that came but for what comes within the milliseconds that timers count.
        var came = (_time.GetUtcNow() - start) / bucket.Interval;
        Assert.True(taken >= came - saved - 10, $"{taken} of {came}");
    }

    [Fact]
    public async Task TakeTokens_AfterAQuietTime_GivesWhatIsSavedAndOne()
    {
        var store = await OpenStoreAsync();
        var bucket = new TokenBucket(TimeSpan.FromSeconds(1), 3);
        Assert.Equal(4, (await TakeAsync(store, bucket, 10)).Tokens);
        Assert.Equal(new TokenGrant(0, TimeSpan.FromSeconds(1)), await TakeAsync(store, bucket, 10));

        _time.Advance(TimeSpan.FromHours(1));

        Assert.Equal(2, (await TakeAsync(store, bucket, 2)).Tokens);
        Assert.Equal(2, (await TakeAsync(store, bucket, 10)).Tokens);
        Assert.Equal(0, (await TakeAsync(store, bucket, 10)).Tokens);
    }

    [Fact]
    public async Task TakeTokens_LimitIsRaised_DoesNotWaitByTheOldOne()
    {
        var store = await OpenStoreAsync();
        await TakeAsync(store, new TokenBucket(TimeSpan.FromHours(1), 0), 1);

        Assert.Equal(TimeSpan.FromMilliseconds(10), (await TakeAsync(store, new TokenBucket(TimeSpan.FromMilliseconds(10), 0), 1)).Wait);
    }

    private Task<RedisEventStore> OpenStoreAsync() => OpenAsync(Options with { OwnClock = true }, _time);

    private static async Task<DestinationStates> ExchangeAsync(RedisEventStore store, params OpenBreaker[] open) =>
        await store.SharedDestinations.ExchangeAsync(open, Cancel);

    private static async Task<TokenGrant> TakeAsync(RedisEventStore store, TokenBucket bucket, int most) =>
        await store.SharedDestinations.TakeTokensAsync("jira", bucket, most, Cancel);
}
