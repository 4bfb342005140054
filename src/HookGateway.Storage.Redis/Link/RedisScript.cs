using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;

namespace HookGateway.Storage.Redis.Link;

/// <summary>
/// A script that runs in one partition. Its file's first line says what it may do, its second which parts of others it needs;
/// all of them begin with the prelude and end with the epilogue.
/// </summary>
internal sealed class RedisScript
{
    private const string Include = "-- include ";

    private static readonly ConcurrentDictionary<string, string> Files = new();

    public static readonly RedisScript Accept = new("accept");
    public static readonly RedisScript Peek = new("peek");
    public static readonly RedisScript Lease = new("lease");
    public static readonly RedisScript Settle = new("settle");
    public static readonly RedisScript Renew = new("renew");
    public static readonly RedisScript Probe = new("probe");
    public static readonly RedisScript Pending = new("pending");
    public static readonly RedisScript Release = new("release");
    public static readonly RedisScript Held = new("held");
    public static readonly RedisScript Replay = new("replay");
    public static readonly RedisScript BulkBounds = new("bulk-bounds");
    public static readonly RedisScript BulkBegin = new("bulk-begin");
    public static readonly RedisScript BulkStep = new("bulk-step");
    public static readonly RedisScript BulkEnd = new("bulk-end");
    public static readonly RedisScript AuditBegin = new("audit-begin");
    public static readonly RedisScript AuditStep = new("audit-step");
    public static readonly RedisScript AuditEnd = new("audit-end");
    public static readonly RedisScript Unblock = new("unblock");
    public static readonly RedisScript SetState = new("set-state");
    public static readonly RedisScript Lead = new("lead");
    public static readonly RedisScript Pause = new("pause");
    public static readonly RedisScript Destinations = new("destinations");
    public static readonly RedisScript Rate = new("rate");
    public static readonly RedisScript Scan = new("scan");
    public static readonly RedisScript Retain = new("retain");
    public static readonly RedisScript DropBodies = new("drop-bodies");
    public static readonly RedisScript Forget = new("forget");

    private RedisScript(string name)
    {
        var text = Read(name);
        var end = text.IndexOf('\n', StringComparison.Ordinal) + 1;
        var rest = text[end..];
        IEnumerable<string> parts = ["prelude"];
        if (rest.StartsWith(Include, StringComparison.Ordinal))
            parts = parts.Concat(rest[Include.Length..rest.IndexOf('\n', StringComparison.Ordinal)].Split(' '));

        Name = name;
        Text = $"{text[..end]}{string.Concat(parts.Select(Read))}local function main()\n{rest}end\n{Read("epilogue")}";
        Hash = CryptographicOperations.HashData(HashAlgorithmName.SHA1, Encoding.UTF8.GetBytes(Text));
        HexHash = Convert.ToHexStringLower(Hash);
    }

    public string Name { get; }

    public string Text { get; }

    /// <summary>What a server that knows the script calls it.</summary>
    public byte[] Hash { get; }

    /// <summary>The same in hex, as a command names it.</summary>
    public string HexHash { get; }

    private static string Read(string name) => Files.GetOrAdd(name, static name =>
    {
        using var file = typeof(RedisScript).Assembly.GetManifestResourceStream($"scripts/{name}.lua")!;
        using var reader = new StreamReader(file);
        return reader.ReadToEnd();
    });
}
