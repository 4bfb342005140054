using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using HookGateway.Admin;
using HookGateway.Host.Commands;
using HookGateway.Store;
using Spectre.Console;

namespace HookGateway.Host.Operating;

/// <summary>Shows what a gateway says: tables for people, or one JSON object a line.</summary>
internal sealed class OperatorScreen(Terminal terminal, bool json)
{
    public void Show(IReadOnlyList<EventView> events)
    {
        if (json)
        {
            foreach (var listed in events)
                ShowJson(listed, AdminJson.Default.EventView);

            return;
        }

        ShowTable(
            ["ID", "RECEIVED", "SOURCE", "EVENT", "KEY", "STATE", "DELIVERIES"],
            events.Select(e => new[]
            {
                e.Id, Time(e.ReceivedAt), e.Source, e.Event, e.Key ?? "-", e.State,
                e.Deliveries.Count == 0 ? "-" : string.Join(", ", e.Deliveries.Select(d => $"{d.Destination}: {d.State}")),
            }));
    }

    public void Show(EventView shown)
    {
        if (json)
        {
            ShowJson(shown, AdminJson.Default.EventView);
            return;
        }

        ShowTable(["EVENT", shown.Id], new (string Name, string? Value)[]
        {
            ("name", shown.Event), ("source", shown.Source), ("source id", shown.SourceId), ("key", shown.Key), ("state", shown.State),
            ("superseded by", shown.SupersededBy), ("origin", shown.Origin),
            ("supersedes", shown.Supersedes is { } superseded ? string.Join(", ", superseded) : null),
            ("received", Time(shown.ReceivedAt)), ("body", $"{shown.BodySize} bytes, {shown.ContentType ?? "no content type"}{(shown.BodyDropped == true ? ", not kept any more" : "")}"),
            ("trace", shown.TraceId),
        }.Where(line => line.Value is not null).Select(line => new[] { line.Name, OneLine(line.Value!) }));
        foreach (var delivery in shown.Deliveries)
        {
            terminal.WriteLine("");
            terminal.WriteLine(
                $"{delivery.Destination}: {delivery.State}{(delivery.Replayed ? ", replayed" : "")}"
                + (delivery.DueAt is { } due && delivery.State is "pending" or "retrying" ? $", due {Time(due)}" : "")
                + (delivery.Waits == true ? ", behind an earlier event of its key" : ""));
            if (delivery.Log is { Count: > 0 } attempts)
                ShowTable(["ATTEMPT", "BEGAN", "TOOK", "STATUS", "ERROR", "DETAIL"], attempts.Select(Row));
        }
    }

    public void Show(ReplayView replayed)
    {
        if (json)
            ShowJson(replayed, AdminJson.Default.ReplayView);
        else
            terminal.WriteLine($"{replayed.Id}: {string.Join(", ", replayed.Deliveries.Select(d => $"{d.Destination} {(d.Revived ? "revived" : "added")}"))}");
    }

    public void Show(HappeningView happening)
    {
        if (json)
        {
            ShowJson(happening, AdminJson.Default.HappeningView);
            return;
        }

        var outcome = happening.Destination is { } to
            ? $"  {to} attempt {happening.Attempt}{(happening.Status is { } status ? $" HTTP {Number(status)}" : "")}"
                + (happening.Error is { } error ? $" {error}" : "")
            : "";
        terminal.WriteLine(OneLine(
            $"{Time(happening.At)}  {happening.State,-10}{happening.Id}  {happening.Source} {happening.Event} {happening.Key ?? "-"}{outcome}"));
    }

    public void Show(SkippedView skipped)
    {
        if (json)
            ShowJson(skipped, AdminJson.Default.SkippedView);
        else
            terminal.WriteLine($"skipped {Number(skipped.Skipped)}: this command is slower than what happens", Color.Yellow);
    }

    public void Show(IReadOnlyList<DestinationView> destinations)
    {
        if (json)
        {
            foreach (var destination in destinations)
                ShowJson(destination, AdminJson.Default.DestinationView);

            return;
        }

        ShowTable(
            ["DESTINATION", "URL", "STATE", "PENDING", "DEAD", "BLOCKED", "OLDEST"],
            destinations.Select(d => new[]
            {
                d.Name, d.Url ?? "-", State(d), Number(d.Pending), Number(d.Dead), Number(d.Blocked),
                d.Oldest is { } oldest ? Time(oldest) : "-",
            }));
    }

    public void Show(PauseView paused)
    {
        if (json)
            ShowJson(paused, AdminJson.Default.PauseView);
        else
            terminal.WriteLine($"{paused.Name}: {(paused.Paused ? "paused" : "running")}");
    }

    public void Show(BulkReplayView replay)
    {
        if (json)
        {
            ShowJson(replay, AdminJson.Default.BulkReplayView);
            return;
        }

        var skipped = replay.Skipped > 0 ? $" ({Number(replay.Skipped)} skipped)" : "";
        terminal.WriteLine(
            $"replay {Number(replay.Id)}: {replay.State}; {Number(replay.Scanned)} of {Number(replay.Total)} events looked at, "
            + $"{Number(replay.Matched)} matched{skipped}; deliveries: {Number(replay.Made)} made, {Number(replay.Delivered)} delivered, "
            + $"{Number(replay.Dead)} dead, {Number(replay.Pending)} pending");
        if (replay.Reason is { } reason)
            terminal.WriteLine(reason);
    }

    public void Show(IReadOnlyList<BulkReplayView> replays)
    {
        if (json)
        {
            foreach (var replay in replays)
                ShowJson(replay, AdminJson.Default.BulkReplayView);

            return;
        }

        ShowTable(
            ["REPLAY", "BEGAN", "STATE", "FILTER", "TO", "LOOKED AT", "MATCHED", "MADE", "DELIVERED", "DEAD", "PENDING"],
            replays.Select(r => new[]
            {
                Number(r.Id), Time(r.CreatedAt), r.State,
                r.OnlyDead ? "only dead" : r.Filter.Count == 0 ? "all" : string.Join(' ', r.Filter.Select(f => $"{f.Key}={f.Value}")),
                r.Destinations is { } to ? string.Join(' ', to) : "routes", $"{Number(r.Scanned)}/{Number(r.Total)}",
                Number(r.Matched), Number(r.Made), Number(r.Delivered), Number(r.Dead), Number(r.Pending),
            }));
    }

    public void Show(AuditReport audit)
    {
        if (json)
        {
            ShowJson(audit, AdminJson.Default.AuditReport);
            return;
        }

        ShowTable(
            ["SOURCE", "", "ACCEPTED", "ROUTED", "UNROUTED", "FILTERED", "SUPERSEDED", "HELD", "PURGED", "DIFFERENCE"],
            audit.Sources.SelectMany(s => new[] { Row(s.Source, "counted", s.Counted, ""), Row("", "found", s.Found, Number(s.Difference)) }));
        terminal.WriteLine("");
        ShowTable(
            ["DESTINATION", "", "OWED", "DELIVERED", "PENDING", "DEAD", "PURGED", "DIFFERENCE"],
            audit.Destinations.SelectMany(d => new[] { Row(d.Destination, "counted", d.Counted, ""), Row("", "found", d.Found, Number(d.Difference)) }));
        terminal.WriteLine("");
        if (audit.Balanced)
        {
            terminal.WriteLine("The books balance.", Color.Green);
            return;
        }

        terminal.WriteLine(
            $"The books do not balance by {Number(audit.Unaccounted)}; events without all their deliveries: {audit.UnevenEvents}, "
            + $"deliveries without an event: {audit.Orphans}, owed but never due: {audit.Forgotten}, "
            + $"superseded without a successor: {audit.LostSuccessors}, held without end: {audit.ForgottenHeld}.",
            Color.Red);
    }

    private static string[] Row(AttemptView a) =>
    [
        Number(a.Number), Time(a.StartedAt), $"{a.DurationMs.ToString("0.0", CultureInfo.InvariantCulture)} ms",
        a.Status is { } status ? Number(status) : "-", a.Error ?? "-", a.Detail ?? "",
    ];

    private static string[] Row(string name, string kind, EventCounts c, string difference) =>
        [name, kind, Number(c.Accepted), Number(c.Routed), Number(c.Unrouted), Number(c.Filtered), Number(c.Superseded), Number(c.Held), Number(c.Purged), difference];

    private static string[] Row(string name, string kind, DeliveryCounts c, string difference) =>
        [name, kind, Number(c.Owed), Number(c.Delivered), Number(c.Pending), Number(c.Dead), Number(c.Purged), difference];

    private static string State(DestinationView d) =>
        !d.Configured ? "not configured" : d.PausedSince is { } since ? $"paused since {Time(since)}"
        : d.Breaker == "closed" ? "running" : $"breaker {d.Breaker}";

    private static string Time(DateTimeOffset time) => time.ToString("yyyy-MM-ddTHH:mm:ss.fffZ", CultureInfo.InvariantCulture);

    private static string Number(long number) => number.ToString(CultureInfo.InvariantCulture);

    // What a sender wrote shall not begin a line of its own.
    private static string OneLine(string text) => text.Replace('\n', ' ');

    private void ShowTable(string[] head, IEnumerable<string[]> rows)
    {
        foreach (var line in Columns.Align(head, rows.Select(row => row.Select(OneLine).ToArray())))
            terminal.WriteLine(line);
    }

    private void ShowJson<T>(T value, JsonTypeInfo<T> type) => terminal.WriteLine(JsonSerializer.Serialize(value, type));
}
