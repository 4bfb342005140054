using StackExchange.Redis;

namespace HookGateway.Storage.Redis.Link;

/// <summary>What an error of the client's or the server's means.</summary>
internal static class RedisFailure
{
    // Each passes, or is an operator's to end; a script that is wrong says something else.
    private static readonly string[] OfServer =
    [
        "LOADING", "MASTERDOWN", "TRYAGAIN", "CLUSTERDOWN", "READONLY", "MISCONF", "NOREPLICAS", "BUSY", "MOVED", "ASK", "NOAUTH", "WRONGPASS",
        "UNBLOCKED",
    ];

    /// <summary>Whether it is one that Redis or the way there can make.</summary>
    public static bool Is(Exception error) => error is RedisException or TimeoutException or ObjectDisposedException;

    /// <summary>Whether nothing can be written until it is over. Not where only memory is short: what drains goes on.</summary>
    public static bool IsOfServer(Exception error) =>
        error is not RedisServerException || OfServer.Any(word => error.Message.StartsWith(word, StringComparison.Ordinal));

    /// <summary>Whether the server does not know a script that it was told by its hash.</summary>
    public static bool IsUnknownScript(RedisServerException error) => error.Message.StartsWith("NOSCRIPT", StringComparison.Ordinal);

    /// <summary>Whether it passes, or is to be ended at Redis: not what an operator has to set right at the gateway.</summary>
    public static bool IsAway(Exception error) => error switch
    {
        RedisConnectionException connection => connection.FailureType != ConnectionFailureType.AuthenticationFailure,
        RedisServerException => IsOfServer(error) && !error.Message.StartsWith("NOAUTH", StringComparison.Ordinal)
            && !error.Message.StartsWith("WRONGPASS", StringComparison.Ordinal),
        _ => true,
    };

    /// <summary>Whether what was asked may have been done all the same.</summary>
    public static bool IsInDoubt(Exception error) => error switch
    {
        RedisConnectionException connection => connection.CommandStatus != CommandStatus.WaitingToBeSent
            && connection.FailureType != ConnectionFailureType.UnableToConnect
            && connection.FailureType != ConnectionFailureType.UnableToResolvePhysicalConnection,
        RedisTimeoutException timeout => timeout.Commandstatus != CommandStatus.WaitingToBeSent,
        TimeoutException => true,
        _ => false,
    };
}
