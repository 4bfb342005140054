using System.Collections.Concurrent;
using HookGateway.Store;

namespace HookGateway.UnitTests.Store;

/// <summary>What other gateways tell, as the test says; and what it was told and asked.</summary>
internal sealed class ScriptedShare : ISharedDestinations
{
    /// <summary>What holds for all. Default: nothing.</summary>
    public volatile DestinationStates States = new([], []);

    /// <summary>What is given of so many tokens; may throw. Default: all.</summary>
    public Func<int, TokenGrant> OnTake { get; set; } = most => new TokenGrant(most, TimeSpan.Zero);

    /// <summary>Completes when tokens are given. Default: at once.</summary>
    public Task Answers { get; set; } = Task.CompletedTask;

    /// <summary>What it was told last.</summary>
    public volatile IReadOnlyCollection<OpenBreaker> Told = [];

    /// <summary>The bucket of which it was asked last.</summary>
    public TokenBucket Bucket { get; private set; }

    /// <summary>How many tokens were asked for, each time.</summary>
    public ConcurrentQueue<int> Asked { get; } = new();

    public ValueTask<DestinationStates> ExchangeAsync(IReadOnlyCollection<OpenBreaker> openHere, CancellationToken cancellationToken)
    {
        Told = openHere;
        return new ValueTask<DestinationStates>(States);
    }

    public async ValueTask<TokenGrant> TakeTokensAsync(string destination, TokenBucket bucket, int most, CancellationToken cancellationToken)
    {
        Bucket = bucket;
        Asked.Enqueue(most);
        await Answers.WaitAsync(cancellationToken);
        return OnTake(most);
    }
}
