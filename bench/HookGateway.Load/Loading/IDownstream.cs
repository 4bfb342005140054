namespace HookGateway.Load.Loading;

/// <summary>Where what is measured delivers to.</summary>
internal interface IDownstream : IAsyncDisposable
{
    /// <summary>Takes every POST.</summary>
    Uri Url { get; }

    /// <summary>How many requests it has answered so far.</summary>
    Task<long> CountAsync(CancellationToken cancellationToken);
}
