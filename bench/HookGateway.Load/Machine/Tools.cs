namespace HookGateway.Load.Machine;

/// <summary>Programs that a run needs besides .NET.</summary>
internal static class Tools
{
    private static readonly (string Command, string Package)[] Needed = [("wrk", "wrk"), ("nginx", "nginx"), ("taskset", "util-linux")];
    private static readonly (string Command, string Package) Redis = ("redis-server", "redis-server");

    /// <summary>One sentence for each that is missing, with what to install.</summary>
    /// <param name="path">Where to look.</param>
    /// <param name="withRedis">Whether a gateway is measured on Redis.</param>
    public static IReadOnlyList<string> Missing(string? path, bool withRedis = false) =>
    [
        .. from tool in withRedis ? [.. Needed, Redis] : Needed
           where Find(tool.Command, path) is null
           select $"missing: {tool.Command}. Install it (Debian: apt-get install {tool.Package}).",
    ];

    /// <summary>Where a command is; <see langword="null"/> where it is not. Servers are often where only root looks.</summary>
    public static string? Find(string command, string? path) =>
        (path ?? "").Split(':', StringSplitOptions.RemoveEmptyEntries).Append("/usr/sbin")
            .Select(directory => Path.Combine(directory, command)).FirstOrDefault(File.Exists);
}
