using System.Globalization;
using System.Net;
using HookGateway.Configuration;
using HookGateway.Store;
using Microsoft.Extensions.Logging;
using StackExchange.Redis;

namespace HookGateway.Storage.Redis.Link;

/// <summary>
/// The connection: runs scripts, and knows whether Redis can be written. All that gateways ask for goes over one connection a node,
/// one after the other without waiting for answers in between; where replicas must have what is accepted, that goes over another.
/// </summary>
internal sealed class RedisLink(RedisStoreOptions options, TimeProvider time, ILogger logger) : IAsyncDisposable
{
    private static readonly TimeSpan ProbeEvery = TimeSpan.FromMilliseconds(500);

    private static readonly TimeSpan LongestRound = TimeSpan.FromSeconds(1);

    private readonly CancellationTokenSource _closing = new();
    private Task _probing = Task.CompletedTask;
    private ConnectionMultiplexer? _multiplexer;
    private ReplicatedRounds? _rounds;

    /// <summary>Runs once Redis can be written again, before anybody else is told.</summary>
    public Func<Task>? Reconnected { get; set; }

    /// <summary>Runs when a server is there again that was gone: it may be one that was the primary, and does not know better yet.</summary>
    public Func<Task>? ServerReturned { get; set; }

    /// <summary>Open while Redis can be written.</summary>
    public WritableGate Writable { get; } = new();

    /// <summary>
    /// The only primary, as it was last seen; <see langword="null"/> in a Cluster. Where the client turns to another one by itself, that may
    /// be one that was gone and does not know that this one took over.
    /// </summary>
    public EndPoint? Primary { get; set; }

    /// <summary>How many replicas must have what is accepted, where the configuration asks for that.</summary>
    public int Replicas { get; set; } = 1;

    public PartitionMap Partitions { get; private set; } = null!;

    public ConnectionMultiplexer Multiplexer => _multiplexer ?? throw new StoreException("The store is not open.");

    public IDatabase Database => Multiplexer.GetDatabase();

    /// <summary>Connects, and learns or decides how the store is laid out.</summary>
    /// <param name="checks">Looks at the servers before anything is written; throws where they are not fit to be the store.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <exception cref="StoreException">It cannot be reached, or is not fit to be the store.</exception>
    public async Task OpenAsync(Func<Task> checks, CancellationToken cancellationToken)
    {
        try
        {
            _multiplexer = await ConnectionMultiplexer.ConnectAsync(Configure()).WaitAsync(cancellationToken).ConfigureAwait(false);
            if (options.Durability == StorageDurability.Replicated)
                _rounds = await ConnectRoundsAsync(cancellationToken).ConfigureAwait(false);

            await checks().ConfigureAwait(false);
            Partitions = await StoreLayout.OpenAsync(Database, options).ConfigureAwait(false);
            await ProbeAsync().ConfigureAwait(false);
        }
        catch (Exception e) when (RedisFailure.Is(e))
        {
            throw new StoreException($"Redis cannot be used: {e.Message} Check storage.connection, and that Redis runs.", e)
            {
                IsAway = RedisFailure.IsAway(e),
            };
        }

        _multiplexer.ConnectionFailed += (_, _) => Close(null);
        _multiplexer.ConnectionRestored += (_, _) => _ = ServerReturned?.Invoke();
        if (_rounds is not null)
            _rounds.Multiplexer.ConnectionFailed += (_, _) => Close(null);

        Writable.Open();
    }

    /// <summary>Runs a script in a partition.</summary>
    /// <param name="script">Which.</param>
    /// <param name="partition">Where.</param>
    /// <param name="arguments">What it asks for. The first is the time, and set here.</param>
    /// <exception cref="StoreException">It did not run, or nobody knows.</exception>
    public async Task<RedisResult> RunAsync(RedisScript script, int partition, RedisValue[] arguments)
    {
        SetTime(arguments);
        try
        {
            if (options.BeforeScript is { } before)
                await before().ConfigureAwait(false);

            RedisKey[] tag = [Partitions.TagOf(partition)];
            HoldToPrimary(tag[0]);
            RedisResult result;
            try
            {
                // By its hash: to find whether the server knows a text, the client would hash all of it each time.
                result = await Database.ScriptEvaluateAsync(script.Hash, tag, arguments).ConfigureAwait(false);
            }
            catch (RedisServerException e) when (RedisFailure.IsUnknownScript(e))
            {
                result = await Database.ScriptEvaluateAsync(script.Text, tag, arguments).ConfigureAwait(false);
            }

            if (options.AfterScript is { } after)
                await after().ConfigureAwait(false);

            // It turned to another one before it was asked, or since.
            HoldToPrimary(tag[0]);
            return result;
        }
        catch (Exception e) when (RedisFailure.Is(e))
        {
            throw Fail(e);
        }
    }

    /// <summary>
    /// Runs a script in a partition, and completes where replicas must have what it wrote only once they do.
    /// </summary>
    /// <inheritdoc cref="RunAsync(RedisScript, int, RedisValue[])" path="/param|/exception"/>
    public async Task<RedisResult> RunDurablyAsync(RedisScript script, int partition, RedisValue[] arguments)
    {
        if (_rounds is null)
            return await RunAsync(script, partition, arguments).ConfigureAwait(false);

        SetTime(arguments);
        try
        {
            return await _rounds.RunAsync(script, Partitions.TagOf(partition), arguments, Replicas, Primary).ConfigureAwait(false);
        }
        catch (Exception e) when (RedisFailure.Is(e))
        {
            throw Fail(e);
        }
    }

    /// <summary>Runs something that is no script.</summary>
    /// <exception cref="StoreException">It did not run, or nobody knows.</exception>
    public async Task<T> RunAsync<T>(Func<IDatabase, Task<T>> command)
    {
        try
        {
            return await command(Database).ConfigureAwait(false);
        }
        catch (Exception e) when (RedisFailure.Is(e))
        {
            throw Fail(e);
        }
    }

    /// <summary>Where the client would send a command now; <see langword="null"/> where no primary is connected.</summary>
    public static IServer? FindServer(ConnectionMultiplexer multiplexer, RedisKey tag)
    {
        try
        {
            return multiplexer.GetServer(tag, flags: CommandFlags.DemandMaster);
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }

    /// <exception cref="TimeoutException">A server is not the only primary, where one is. What was asked of it nobody knows.</exception>
    public static void HoldTo(EndPoint? primary, IServer? server)
    {
        if (primary is not null && !primary.Equals(server?.EndPoint))
            throw new TimeoutException($"The primary was {primary}, and {server?.EndPoint.ToString() ?? "no other"} is not known to be it.");
    }

    public async ValueTask DisposeAsync()
    {
        await _closing.CancelAsync().ConfigureAwait(false);
        await _probing.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (_rounds is not null)
            await _rounds.DisposeAsync().ConfigureAwait(false);

        if (_multiplexer is not null)
            await _multiplexer.DisposeAsync().ConfigureAwait(false);

        _closing.Dispose();
    }

    private void HoldToPrimary(RedisKey tag)
    {
        if (Primary is { } primary)
            HoldTo(primary, FindServer(Multiplexer, tag));
    }

    private void SetTime(RedisValue[] arguments) =>
        arguments[0] = options.OwnClock ? time.GetUtcNow().ToUnixTimeMilliseconds() : RedisValue.EmptyString;

    private async Task<ReplicatedRounds> ConnectRoundsAsync(CancellationToken cancellationToken)
    {
        // An event may wait for more than one round.
        var patience = options.AcceptTimeout < LongestRound ? options.AcceptTimeout : LongestRound;
        var configuration = Configure();
        configuration.AsyncTimeout += (int)patience.TotalMilliseconds;
        return new ReplicatedRounds(
            await ConnectionMultiplexer.ConnectAsync(configuration).WaitAsync(cancellationToken).ConfigureAwait(false), patience);
    }

    private ConfigurationOptions Configure()
    {
        ConfigurationOptions configuration;
        try
        {
            configuration = ConfigurationOptions.Parse(options.Connection);
        }
        catch (ArgumentException e)
        {
            throw new StoreException($"storage.connection cannot be read: {e.Message}", e);
        }

        // What cannot be sent now fails now: a queue in memory would grow for as long as Redis is away.
        configuration.BacklogPolicy = BacklogPolicy.FailFast;
        configuration.AbortOnConnectFail = true;

        // Whoever opens the store asks again.
        configuration.ConnectRetry = 1;

        // To the client INFO is an administrator's command.
        configuration.AllowAdmin = true;
        configuration.ClientName ??= "hookgateway";
        configuration.IncludeDetailInExceptions = false;
        return configuration;
    }

    private StoreException Fail(Exception error)
    {
        if (RedisFailure.IsOfServer(error))
            Close(error);

        return new StoreException($"Redis cannot be used now: {error.Message}", error);
    }

    /// <summary>Nothing is written until it is found that Redis can be.</summary>
    public void Close(Exception? error)
    {
        if (_closing.IsCancellationRequested || !Writable.Close())
            return;

        StoreLog.Unwritable(logger, error);
        _probing = ProbeUntilWritableAsync();
    }

    private async Task ProbeUntilWritableAsync()
    {
        using var timer = new PeriodicTimer(ProbeEvery);
        try
        {
            while (await timer.WaitForNextTickAsync(_closing.Token).ConfigureAwait(false))
            {
                try
                {
                    await ProbeAsync().ConfigureAwait(false);
                    await (Reconnected?.Invoke() ?? Task.CompletedTask).ConfigureAwait(false);
                    HoldToPrimary(Partitions.TagOf(0));
                    StoreLog.Writable(logger);
                    Writable.Open();
                    return;
                }
                catch (Exception e) when (e is StoreException || RedisFailure.Is(e))
                {
                    StoreLog.StillUnwritable(logger, e);
                    await LookForPrimaryAsync(e).ConfigureAwait(false);
                }
            }
        }
        catch (OperationCanceledException)
        {
            // Closed meanwhile.
        }
    }

    /// <summary>Has the client look who is the primary, where it turned to one that is not.</summary>
    private async Task LookForPrimaryAsync(Exception error)
    {
        var cause = error is StoreException ? error.InnerException : error;
        var isElsewhere = cause is RedisServerException ? cause.Message.StartsWith("READONLY", StringComparison.Ordinal)
            : cause is TimeoutException and not RedisTimeoutException;
        if (!isElsewhere)
            return;

        try
        {
            await Multiplexer.ConfigureAsync().ConfigureAwait(false);
        }
        catch (Exception e) when (RedisFailure.Is(e))
        {
            StoreLog.StillUnwritable(logger, e);
        }
    }

    // Every partition: of a Cluster only a part may be away.
    private async Task ProbeAsync()
    {
        var database = Database;
        var now = options.OwnClock ? time.GetUtcNow().ToUnixTimeMilliseconds().ToString(CultureInfo.InvariantCulture) : "";
        await Task.WhenAll(Enumerable.Range(0, Partitions.Count)
            .Select(p => database.ScriptEvaluateAsync(RedisScript.Probe.Text, [Partitions.TagOf(p)], [now]))).ConfigureAwait(false);
        if (_rounds is not null)
            await _rounds.ProbeAsync(Enumerable.Range(0, Partitions.Count).Select(Partitions.TagOf)).ConfigureAwait(false);
    }
}
