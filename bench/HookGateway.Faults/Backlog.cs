using System.Globalization;
using System.Text.Json;
using HookGateway.Testing;
using HookGateway.Testing.Downstream;
using HookGateway.Testing.Gateway;
using HookGateway.Testing.Senders;

namespace HookGateway.Faults;

/// <summary>
/// What a destination that is dead and owed very much costs the rest: the gateway's memory and its accept rate before and
/// after, and how long an operator waits for what reads the store.
/// </summary>
internal static class Backlog
{
    private const string Secret = "secret";
    private const double Mebi = 1024 * 1024;
    private const double BytesAMark = 60;
    private static readonly TimeSpan Stretch = TimeSpan.FromSeconds(15);

    public static async Task RunAsync(int events, string window)
    {
        await using var healthy = await Receiver.StartAsync();
        var nobody = FreePorts.Take(1)[0];
        await using var gateway = await GatewayProcess.StartAsync(ports => $$"""
            {{ports.Listen}}
            sources:
              live: { preset: sysaid, secrets: [{{Secret}}], dedupe: { window: {{window}} } }
              doomed: { preset: sysaid, secrets: [{{Secret}}], dedupe: { window: {{window}} } }
            destinations:
              well: { url: "{{healthy.Url}}" }
              dead: { url: "http://127.0.0.1:{{nobody}}/" }
            routes:
              - { source: live, to: [well] }
              - { source: doomed, to: [dead] }
            """);
        using var live = new SysAidSender(new Uri(gateway.HttpUrl, "/hooks/live"), Secret);
        using var doomed = new SysAidSender(new Uri(gateway.HttpUrl, "/hooks/doomed"), Secret);
        Console.WriteLine($"{events} events for a dead destination, dedupe window {window}");

        await Load.ForAsync(Stretch, live);
        await DrainedAsync(gateway);
        var before = await Load.ForAsync(Stretch, live);
        await DrainedAsync(gateway);
        var idle = await RestingAsync(gateway, "idle");

        var filling = await Load.OfAsync(events, doomed);
        Console.WriteLine($"filled at {filling:0} events/s");
        await RestingAsync(gateway, "with the backlog");
        await TrickleAsync(live);
        var after = await Load.ForAsync(Stretch, live);
        await DrainedAsync(gateway);
        var still = await RestingAsync(gateway, "after more load, and a minute for marks to expire");

        Console.WriteLine($"accept rate     {before:0} events/s before, {after:0} after: ratio {after / before:0.00}");
        var (more, marks) = (still.Resident - idle.Resident, events * BytesAMark);
        Console.WriteLine($"resident memory {(double)still.Resident / idle.Resident:0.00} of idle, {more / Mebi:0} MiB more");
        Console.WriteLine($"of that marks, where the window still holds them: about {marks / Mebi:0} MiB");
        foreach (var path in (string[])["/api/v1/destinations", "/api/v1/events?limit=100", "/api/v1/events?state=dead&limit=100", "/metrics", "/api/v1/audit"])
            await TimeAsync(gateway, path);

        await gateway.KillAsync();
        var killed = TimeProvider.System.GetTimestamp();
        await gateway.StartAgainAsync();
        Console.WriteLine($"{TimeProvider.System.GetElapsedTime(killed).TotalMilliseconds,8:0} ms  from a kill until it is ready again");
        Console.WriteLine(await gateway.Client.GetStringAsync(new Uri(gateway.AdminUrl, "/api/v1/destinations")));
    }

    private static Task DrainedAsync(GatewayProcess gateway) => Wait.UntilAsync(
        async () =>
        {
            using var answer = JsonDocument.Parse(await gateway.Client.GetStringAsync(new Uri(gateway.AdminUrl, "/api/v1/destinations")));
            return answer.RootElement.GetProperty("destinations").EnumerateArray()
                .Single(destination => destination.GetProperty("name").GetString() == "well").GetProperty("pending").GetInt64() == 0;
        },
        "the healthy destination to be given everything",
        TimeSpan.FromMinutes(5));

    /// <summary>A few commits a second for longer than it takes until every expired mark is swept.</summary>
    private static async Task TrickleAsync(SysAidSender sender)
    {
        for (var number = 0; number < 400; number++)
        {
            await sender.SendAsync(SysAidEvent.Created(number));
            await Task.Delay(TimeSpan.FromMilliseconds(200), TimeProvider.System);
        }
    }

    /// <summary>Memory when nothing goes on any more, and a collection has had the time to give some back.</summary>
    private static async Task<Memory> RestingAsync(GatewayProcess gateway, string when)
    {
        await Task.Delay(Stretch, TimeProvider.System);
        var memory = await Memory.OfAsync(gateway);
        Console.WriteLine($"{when}: {memory.Resident / Mebi:0} MiB resident; the heap was {memory.Heap / Mebi:0} MiB at its last collection");
        return memory;
    }

    private static async Task TimeAsync(GatewayProcess gateway, string path)
    {
        var began = TimeProvider.System.GetTimestamp();
        await gateway.Client.GetStringAsync(new Uri(gateway.AdminUrl, path));
        Console.WriteLine($"{TimeProvider.System.GetElapsedTime(began).TotalMilliseconds,8:0} ms  GET {path}");
    }

    /// <param name="Resident">Bytes that are the process's own, without mapped files.</param>
    /// <param name="Heap">Bytes of the managed heap after its last collection.</param>
    private sealed record Memory(long Resident, long Heap)
    {
        public static async Task<Memory> OfAsync(GatewayProcess gateway)
        {
            var status = await File.ReadAllLinesAsync($"/proc/{gateway.Pid}/status");
            var resident = status.Single(line => line.StartsWith("RssAnon:", StringComparison.Ordinal)).Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)[1];
            var page = await gateway.Client.GetStringAsync(new Uri(gateway.AdminUrl, "/metrics"));
            var heap = page.Split('\n')
                .Where(line => line.StartsWith("dotnet_gc_last_collection_heap_size_bytes{", StringComparison.Ordinal))
                .Sum(line => double.Parse(line.Split(' ')[1], CultureInfo.InvariantCulture));
            return new Memory(long.Parse(resident, CultureInfo.InvariantCulture) * 1024, (long)heap);
        }
    }
}
