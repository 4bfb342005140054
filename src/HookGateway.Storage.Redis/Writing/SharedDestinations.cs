using HookGateway.Storage.Redis.Link;
using HookGateway.Store;
using StackExchange.Redis;

namespace HookGateway.Storage.Redis.Writing;

/// <summary>What gateways tell one another of destinations: a hash of open breakers beside that of pauses, and a bucket for each rate.</summary>
internal sealed class SharedDestinations(RedisLink link) : ISharedDestinations
{
    private static readonly TimeSpan Counts = TimeSpan.FromSeconds(5);

    private readonly string _holder = Guid.NewGuid().ToString("N");

    public async ValueTask<DestinationStates> ExchangeAsync(IReadOnlyCollection<OpenBreaker> openHere, CancellationToken cancellationToken)
    {
        RedisValue[] arguments =
        [
            RedisValue.EmptyString, _holder, (long)Counts.TotalMilliseconds,
            .. openHere.SelectMany<OpenBreaker, RedisValue>(breaker => [breaker.Destination, (long)breaker.Remaining.TotalMilliseconds]),
        ];
        var answer = (RedisResult[])(await link.RunAsync(RedisScript.Destinations, NamedStates.PausesPartition, arguments)
            .WaitAsync(cancellationToken).ConfigureAwait(false))!;
        var elsewhere = (RedisResult[])answer[1]!;
        return new DestinationStates(
            (string[])answer[0]!,
            [.. elsewhere.Chunk(2).Select(entry => new OpenBreaker((string)entry[0]!, TimeSpan.FromMilliseconds((long)entry[1])))]);
    }

    public async ValueTask<TokenGrant> TakeTokensAsync(string destination, TokenBucket bucket, int most, CancellationToken cancellationToken)
    {
        RedisValue[] arguments =
            [RedisValue.EmptyString, destination, (long)Math.Ceiling(bucket.Interval.TotalMicroseconds), bucket.Saved, most];
        var answer = (long[])(await link.RunAsync(RedisScript.Rate, link.Partitions.Of(destination), arguments)
            .WaitAsync(cancellationToken).ConfigureAwait(false))!;
        return new TokenGrant((int)answer[0], TimeSpan.FromMicroseconds(answer[1]));
    }
}
