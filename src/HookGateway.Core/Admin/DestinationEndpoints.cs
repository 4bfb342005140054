using HookGateway.Configuration;
using HookGateway.Deliver;
using HookGateway.Store;
using Microsoft.AspNetCore.Http;

namespace HookGateway.Admin;

/// <summary><c>/api/v1/destinations</c>.</summary>
internal sealed class DestinationEndpoints(GatewayConfiguration configuration, IEventStore store, Lanes lanes)
{
    public async Task ListAsync(HttpContext context)
    {
        var pending = (await store.PendingAsync(context.RequestAborted).ConfigureAwait(false)).ToDictionary(p => p.Destination);
        var paused = (await store.PausedAsync(context.RequestAborted).ConfigureAwait(false)).ToDictionary(p => p.Destination, p => p.Since);
        var configured = configuration.Destinations.ToDictionary(d => d.Name);

        // One that is no longer configured is shown for as long as something is owed to it.
        var orphaned = pending.Values.Where(p => p.Count + p.Dead > 0 && !configured.ContainsKey(p.Destination)).Select(p => p.Destination);
        var views = configured.Keys.Concat(orphaned).Select(name => new DestinationView
        {
            Name = name,
            Configured = configured.ContainsKey(name),
            Url = configured.TryGetValue(name, out var destination) ? Origin(destination.Url) : null,
            PausedSince = paused.TryGetValue(name, out var since) ? since : null,
            Breaker = lanes.BreakerState(name) switch { 0 => "closed", 1 => "half-open", _ => "open" },
            Pending = pending.GetValueOrDefault(name)?.Count ?? 0,
            Dead = pending.GetValueOrDefault(name)?.Dead ?? 0,
            Blocked = pending.GetValueOrDefault(name)?.Blocked ?? 0,
            Oldest = pending.GetValueOrDefault(name)?.Oldest,
        });
        await AdminAnswer.WriteAsync(context, new DestinationListView([.. views]), AdminJson.Default.DestinationListView)
            .ConfigureAwait(false);
    }

    public Task PauseAsync(HttpContext context) => SetPausedAsync(context, paused: true);

    public Task ResumeAsync(HttpContext context) => SetPausedAsync(context, paused: false);

    private async Task SetPausedAsync(HttpContext context, bool paused)
    {
        var name = NameOf(context);
        if (configuration.Destinations.All(d => d.Name != name))
        {
            await AdminAnswer.NoSuchDestinationAsync(context, name).ConfigureAwait(false);
            return;
        }

        await lanes.SetPausedAsync(name, paused, context.RequestAborted).ConfigureAwait(false);
        await AdminAnswer.WriteAsync(context, new PauseView(name, paused), AdminJson.Default.PauseView).ConfigureAwait(false);
    }

    private static string NameOf(HttpContext context) => (string)context.Request.RouteValues["name"]!;

    // Path, query and user can be secrets.
    private static string Origin(Uri url) => $"{url.Scheme}://{url.Authority}";
}

/// <summary>The answer of <c>GET /api/v1/destinations</c>.</summary>
internal sealed record DestinationListView(IReadOnlyList<DestinationView> Destinations);

/// <summary>A destination and what it is owed.</summary>
internal sealed record DestinationView
{
    public required string Name { get; init; }

    /// <summary>Whether the running configuration has it.</summary>
    public required bool Configured { get; init; }

    /// <summary>Scheme and host only.</summary>
    public string? Url { get; init; }

    public DateTimeOffset? PausedSince { get; init; }

    public required string Breaker { get; init; }

    public required long Pending { get; init; }

    public required long Dead { get; init; }

    /// <summary>Keys that stand still behind a dead delivery.</summary>
    public required long Blocked { get; init; }

    public DateTimeOffset? Oldest { get; init; }
}

/// <summary>The answer of pause and resume.</summary>
internal sealed record PauseView(string Name, bool Paused);
