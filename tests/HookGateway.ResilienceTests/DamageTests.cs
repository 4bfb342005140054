using System.Text;
using HookGateway.Testing;
using HookGateway.Testing.Downstream;
using HookGateway.Testing.Gateway;
using HookGateway.Testing.Senders;
using Microsoft.Data.Sqlite;
using Xunit;

namespace HookGateway.ResilienceTests;

/// <summary>Files that are not as they were left: a log whose end was never wholly written, and a database with rotten pages.</summary>
public sealed class DamageTests
{
    private const int Events = 25;
    private const int PageSize = 16 * 1024;
    private const int FrameSize = PageSize + 24;

    [Theory]
    [InlineData("cut one byte")]
    [InlineData("cut half a frame")]
    [InlineData("flip in the page")]
    [InlineData("flip in the header")]
    [InlineData("garbage behind")]
    public async Task Log_TornAtItsEnd_LosesNothingThatWasCommittedBefore(string damage)
    {
        await using var downstream = await Receiver.StartAsync();
        await using var gateway = await GatewayProcess.StartAsync(ports => Configuration(ports, downstream));
        var sent = await SendAsync(gateway, Events, size: 1000);
        await gateway.DrainedAsync();

        // One commit more: the one that is torn.
        await gateway.PostAsync("pause");
        await gateway.KillAsync();
        Tear(Path.Combine(gateway.Directory, "data", "hookgateway.db-wal"), damage);
        await gateway.StartAgainAsync();

        Assert.All(sent, id => Assert.Single(downstream.Arrivals, arrival => arrival.WebhookId == id));
        foreach (var id in sent)
            Assert.Equal("delivered", await gateway.StateAsync(id));

        // What is behind a whole commit is not read; what tears one undoes it, and it alone.
        var after = await SendAsync(gateway, 1, size: 1000);
        var isPaused = damage == "garbage behind";
        Assert.Equal(isPaused, await gateway.IsPausedAsync());
        if (!isPaused)
            await gateway.DrainedAsync();

        Assert.Equal(isPaused ? "accepted" : "delivered", await gateway.StateAsync(after[0]));
        await gateway.AssertBooksAsync(isPaused ? Events : Events + 1);
    }

    [Fact]
    public async Task Database_DamagedWhereAStartReads_IsRefusedWithWhatToDo()
    {
        await using var downstream = await Receiver.StartAsync();
        await using var gateway = await GatewayProcess.StartAsync(ports => Configuration(ports, downstream));
        await SendAsync(gateway, Events, size: 1000);
        Assert.Equal(0, await gateway.TerminateAsync());

        Rot(gateway, RootOfMeta(PathOf(gateway)));
        await gateway.StartAgainAsync(new GatewayStart { WaitUntilReady = false });

        Assert.Equal(1, await gateway.WaitForExitAsync());
        Assert.Contains("is damaged: restore it from a backup", gateway.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Database_DamagedAmongStoredEvents_IsSaidByTheAuditAndLosesNothingNew()
    {
        await using var downstream = await Receiver.StartAsync();
        await using var gateway = await GatewayProcess.StartAsync(ports => Configuration(ports, downstream));
        await SendAsync(gateway, 20 * Events, size: 1_000);
        await gateway.DrainedAsync();
        Assert.Equal(0, await gateway.TerminateAsync());

        // Where the oldest event lies: nothing that a start, or a new event, has to read.
        Rot(gateway, PageOf(PathOf(gateway), IdOf(0)));
        await gateway.StartAgainAsync();

        var command = await CommandRun.OfAsync(["audit", "--config", "hookgateway.yaml"], gateway.Directory);
        Assert.Equal(1, command.ExitCode);
        Assert.Contains("is damaged: restore it from a backup", command.Error, StringComparison.Ordinal);

        // A 202 still means stored.
        var after = await SendAsync(gateway, 1, size: 1000);
        await downstream.WaitForAsync(arrivals => arrivals.Any(arrival => arrival.WebhookId == after[0]));
        await gateway.DrainedAsync();
    }

    private static void Tear(string log, string damage)
    {
        using var file = new FileStream(log, FileMode.Open, FileAccess.ReadWrite);
        switch (damage)
        {
            case "cut one byte":
                file.SetLength(file.Length - 1);
                break;
            case "cut half a frame":
                file.SetLength(file.Length - (FrameSize / 2));
                break;
            case "flip in the page":
                Flip(file, file.Length - 100);
                break;
            case "flip in the header":
                Flip(file, file.Length - FrameSize + 5);
                break;
            default:
                file.Seek(0, SeekOrigin.End);
                file.Write(Enumerable.Repeat((byte)0x5A, FrameSize + 999).ToArray());
                break;
        }
    }

    private static void Flip(FileStream file, long at)
    {
        file.Position = at;
        var was = (byte)file.ReadByte();
        file.Position = at;
        file.WriteByte((byte)~was);
    }

    private static string PathOf(GatewayProcess gateway) => Path.Combine(gateway.Directory, "data", "hookgateway.db");

    private static string IdOf(int number) => $"event-number-{number:D5}";

    private static long RootOfMeta(string database)
    {
        using var connection = new SqliteConnection($"Data Source={database};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = "SELECT rootpage FROM sqlite_schema WHERE name = 'meta'";
        return (long)command.ExecuteScalar()! - 1;
    }

    // The last one: the table's root was its only page once, and still has the bytes.
    private static long PageOf(string database, string text) =>
        File.ReadAllBytes(database).AsSpan().LastIndexOf(Encoding.UTF8.GetBytes(text)) / PageSize;

    /// <summary>Overwrites the beginning of a page; pages are counted from 0.</summary>
    private static void Rot(GatewayProcess gateway, long page)
    {
        using var file = new FileStream(PathOf(gateway), FileMode.Open, FileAccess.Write) { Position = page * PageSize };
        file.Write(Enumerable.Repeat((byte)0xA5, 512).ToArray());
    }

    private static async Task<string[]> SendAsync(GatewayProcess gateway, int count, int size)
    {
        using var sender = new SysAidSender(new Uri(gateway.HttpsUrl, "/hooks/sysaid"), "secret");
        var ids = new string[count];
        for (var number = 0; number < count; number++)
        {
            var answer = await sender.SendAsync(SysAidEvent.OfSize(number, size, count > 1 ? IdOf(number) : null));
            Assert.Equal(202, answer.Status);
            ids[number] = answer.Id!;
        }

        return ids;
    }

    private static string Configuration(GatewayPorts ports, Receiver downstream) => $$"""
        {{ports.Listen}}
        sources:
          sysaid: { preset: sysaid, secrets: [secret] }
        destinations:
          d: { url: "{{downstream.Url}}" }
        routes:
          - { source: sysaid, to: [d] }
        """;
}
