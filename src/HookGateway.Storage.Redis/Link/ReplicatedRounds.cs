using System.Collections.Concurrent;
using System.Net;
using HookGateway.Store;
using StackExchange.Redis;

namespace HookGateway.Storage.Redis.Link;

/// <summary>
/// Runs scripts, each complete only once enough replicas have what it wrote. WAIT tells that of its own connection's writes only, and
/// holds that connection up: so this has connections of its own, and on each one round of scripts is under way at a time. The client
/// replaces a broken connection by itself and does not say so: a round names its connection first, and believes what it was told where
/// the last answer is that name.
/// </summary>
internal sealed class ReplicatedRounds(ConnectionMultiplexer multiplexer, TimeSpan patience) : IAsyncDisposable
{
    private readonly ConcurrentDictionary<EndPoint, Node> _nodes = new();

    /// <summary>The connections, for whoever looks after them.</summary>
    public ConnectionMultiplexer Multiplexer => multiplexer;

    /// <summary>Runs a script in the partition of a tag.</summary>
    /// <param name="script">Which.</param>
    /// <param name="tag">Where.</param>
    /// <param name="arguments">What it asks for.</param>
    /// <param name="replicas">How many must have what it wrote.</param>
    /// <param name="primary">Which server must do it, where only one may.</param>
    /// <exception cref="StoreException">It ran, and nobody knows that so many replicas have it.</exception>
    public async Task<RedisResult> RunAsync(RedisScript script, RedisKey tag, RedisValue[] arguments, int replicas, EndPoint? primary)
    {
        var server = PrimaryOf(tag);
        RedisLink.HoldTo(primary, server);
        var node = _nodes.GetOrAdd(server.EndPoint, static (_, patience) => new Node(patience), patience);
        object[] rest = [1, tag, .. arguments.Select(argument => (object)argument)];
        try
        {
            try
            {
                return await node.RunAsync(new Waiting(server, "EVALSHA", [script.HexHash, .. rest], replicas)).ConfigureAwait(false);
            }
            catch (RedisServerException e) when (RedisFailure.IsUnknownScript(e))
            {
                return await node.RunAsync(new Waiting(server, "EVAL", [script.Text, .. rest], replicas)).ConfigureAwait(false);
            }
        }
        catch (RedisServerException e) when (e.Message.StartsWith("MOVED", StringComparison.Ordinal))
        {
            await multiplexer.ConfigureAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Whether the primaries of some tags are there and let a round be made.</summary>
    /// <exception cref="RedisException">One does not.</exception>
    /// <exception cref="TimeoutException">One is not there.</exception>
    public async Task ProbeAsync(IEnumerable<RedisKey> tags)
    {
        foreach (var server in tags.Select(PrimaryOf).DistinctBy(server => server.EndPoint))
        {
            await server.ExecuteAsync("CLIENT", "SETNAME", "hookgateway").ConfigureAwait(false);
            await server.ExecuteAsync("WAIT", 0, 1).ConfigureAwait(false);
            await server.ExecuteAsync("CLIENT", "GETNAME").ConfigureAwait(false);
        }
    }

    public ValueTask DisposeAsync() => multiplexer.DisposeAsync();

    private IServer PrimaryOf(RedisKey tag) => RedisLink.FindServer(multiplexer, tag)
        ?? throw new TimeoutException("No primary is connected.");

    /// <summary>A primary. What comes while a round is under way shares the next one.</summary>
    private sealed class Node(TimeSpan patience)
    {
        private readonly Lock _lock = new();
        private List<Waiting> _waiting = [];
        private bool _isRunning;

        public Task<RedisResult> RunAsync(Waiting one)
        {
            lock (_lock)
            {
                _waiting.Add(one);
                if (_isRunning)
                    return one.Result.Task;

                _isRunning = true;
            }

            _ = RunAllAsync();
            return one.Result.Task;
        }

        private async Task RunAllAsync()
        {
            while (Take() is { Count: > 0 } round)
            {
                try
                {
                    await RunAsync(round).ConfigureAwait(false);
                }
                catch (Exception e)
                {
                    // Whatever it is: a node that ended would let nothing in any more.
                    foreach (var one in round)
                        one.Result.TrySetException(e);
                }
            }
        }

        private List<Waiting> Take()
        {
            lock (_lock)
            {
                var round = _waiting;
                _waiting = [];
                _isRunning = round.Count > 0;
                return round;
            }
        }

        private async Task RunAsync(List<Waiting> round)
        {
            // All over one server's connection, as it was last found: sent one behind the other, without waiting in between.
            var server = round[^1].Server;
            var name = $"hookgateway-{Guid.NewGuid():N}";
            var replicas = round.Max(one => one.Replicas);
            var named = ExecuteAsync(server, "CLIENT", "SETNAME", name);
            var results = round.Select(one => ExecuteAsync(server, one.Command, one.Arguments)).ToList();
            var replicated = ExecuteAsync(server, "WAIT", replicas, (long)patience.TotalMilliseconds);
            var nameAfter = ExecuteAsync(server, "CLIENT", "GETNAME");

            var doubt = await FindDoubtAsync(named, replicated, nameAfter, name, replicas).ConfigureAwait(false);
            foreach (var (one, result) in round.Zip(results))
            {
                try
                {
                    var given = await result.ConfigureAwait(false);
                    if (doubt is null)
                        one.Result.SetResult(given);
                    else
                        one.Result.SetException(new StoreException(doubt, new TimeoutException(doubt)));
                }
                catch (Exception e)
                {
                    one.Result.SetException(e);
                }
            }
        }

        /// <summary>Why it is not known that the replicas have what the round wrote; <see langword="null"/> where it is.</summary>
        private static async Task<string?> FindDoubtAsync(
            Task<RedisResult> named, Task<RedisResult> replicated, Task<RedisResult> nameAfter, string name, int replicas)
        {
            try
            {
                await named.ConfigureAwait(false);
                var had = (int)await replicated.ConfigureAwait(false);
                var isSame = (string?)await nameAfter.ConfigureAwait(false) == name;
                return !isSame ? "The connection to Redis broke before it was known that replicas have the event."
                    : had < replicas ? $"Of the {replicas} replicas of Redis that must have the event, {had} said in time that they do."
                    : null;
            }
            catch (Exception e) when (RedisFailure.Is(e))
            {
                return $"It is not known whether replicas of Redis have the event: {e.Message}";
            }
        }

        // Followed elsewhere, as the client would by itself, a script would not be where the round's WAIT is.
        private static async Task<RedisResult> ExecuteAsync(IServer server, string command, params object[] arguments) =>
            await server.ExecuteAsync(command, arguments, CommandFlags.NoRedirect).ConfigureAwait(false);
    }

    private sealed record Waiting(IServer Server, string Command, object[] Arguments, int Replicas)
    {
        public TaskCompletionSource<RedisResult> Result { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
