namespace HookGateway.Host;

/// <summary>
/// Where a program goes on when a socket has something: on the thread that noticed, not on one of the pool's. An event passes
/// four such moments, and each hand-over costs a switch between threads: docs/decisions/0006-threads.md has the figures. So
/// nothing that waits for a socket may block a thread or compute for long afterwards.
/// </summary>
internal static class SocketCompletions
{
    private const string Setting = "DOTNET_SYSTEM_NET_SOCKETS_INLINE_COMPLETIONS";

    /// <summary>Before the first socket, which is when .NET reads it; what the environment says already stands.</summary>
    public static void RunInline()
    {
        if (Environment.GetEnvironmentVariable(Setting) is null)
            Environment.SetEnvironmentVariable(Setting, "1");
    }
}
