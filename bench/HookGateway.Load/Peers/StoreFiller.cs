using System.Diagnostics;
using System.Globalization;
using HookGateway.Events;
using HookGateway.Load.Loading;
using HookGateway.Storage.Sqlite;
using HookGateway.Store;
using Microsoft.Extensions.Logging.Abstractions;

namespace HookGateway.Load.Peers;

/// <summary>Fills a store before a gateway starts on it, through the engine itself: as if all of it had been accepted.</summary>
internal static class StoreFiller
{
    private const int AtOnce = 2048;
    private const int Told = 500_000;

    // Within the retention of what was delivered, and before everything that the load brings.
    private static readonly TimeSpan Age = TimeSpan.FromHours(1);
    private static readonly TimeSpan Window = TimeSpan.FromHours(24);
    private static readonly TimeSpan Passed = TimeSpan.FromMilliseconds(1);

    /// <summary>Fills the file that <paramref name="path"/> names; does nothing where there is nothing to fill.</summary>
    public static async Task FillAsync(string path, StoreContent content, CancellationToken cancellationToken)
    {
        if (content.IsEmpty)
            return;

        var began = Stopwatch.GetTimestamp();
        await using (var store = new SqliteEventStore(new SqliteStoreOptions { Path = path }, TimeProvider.System, NullLogger<SqliteEventStore>.Instance))
        {
            await store.OpenAsync(cancellationToken);
            for (var first = 0L; first < content.Delivered + content.Pending; first += AtOnce)
            {
                cancellationToken.ThrowIfCancellationRequested();
                if (first % Told < AtOnce)
                    await Console.Error.WriteLineAsync($"  filling a store: {first:N0} of {content.Delivered + content.Pending:N0}");
                var until = Math.Min(first + AtOnce, content.Delivered + content.Pending);
                await Task.WhenAll(Numbers(first, until).Select(number => AddAsync(store, content, number)));
            }
        }

        await Console.Error.WriteLineAsync($"  filled in {Stopwatch.GetElapsedTime(began).TotalSeconds:0} s");
    }

    private static IEnumerable<long> Numbers(long first, long until)
    {
        for (var number = first; number < until; number++)
            yield return number;
    }

    private static async Task AddAsync(SqliteEventStore store, StoreContent content, long number)
    {
        var isDelivered = number < content.Delivered;
        var isMarked = number >= content.Delivered - content.Marks;
        var request = Request(number, new OwedDelivery(isDelivered ? GatewayYaml.Destination(0) : GatewayYaml.Nobody, Lease: isDelivered));
        var result = await store.AcceptAsync(request with { DedupeWindow = isMarked ? Window : Passed });
        if (result is not AcceptResult.Accepted accepted)
            throw new InvalidOperationException($"The store did not take an event: {result}");
        foreach (var delivery in accepted.Leased)
            store.Settle(Delivered(delivery));
    }

    private static AcceptRequest Request(long number, OwedDelivery owed)
    {
        var id = string.Create(CultureInfo.InvariantCulture, $"stored-{number}");
        return new AcceptRequest
        {
            Event = new WebhookEvent
            {
                Source = GatewayYaml.Source,
                Name = SampleEvent.Name(0),
                SourceId = id,
                Key = "148",
                ReceivedAt = TimeProvider.System.GetUtcNow() - Age,
                ContentType = "application/json",
                Body = SampleEvent.Body(0, id),
                Trace = new TraceContext(ActivityTraceId.CreateRandom(), ActivitySpanId.CreateRandom(), sampled: false),
            },
            DedupeKey = DedupeKey.OfId(GatewayYaml.Source, id),
            DedupeWindow = Window,
            Disposition = Disposition.Routed,
            Deliveries = [owed],
        };
    }

    private static Settlement Delivered(Delivery delivery) => new()
    {
        Delivery = delivery,
        Attempt = new DeliveryAttempt
        {
            Number = 1,
            StartedAt = delivery.Event.ReceivedAt,
            Duration = TimeSpan.FromMilliseconds(1),
            StatusCode = 204,
        },
        State = DeliveryState.Delivered,
    };
}
