using System.Globalization;
using System.Text.Json;
using HookGateway.Testing.Downstream;
using HookGateway.Testing.Senders;
using Xunit;

namespace HookGateway.ResilienceTests.Redis;

/// <summary>What a fleet owes its senders in the end.</summary>
internal static class DeliveredFleet
{
    // What a killed gateway had leased waits for the lease's end, and its keys with it.
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(120 + (10 * KillCount.Or(0)));

    /// <summary>
    /// Every acknowledged event has arrived as it was sent at both destinations, nothing else has, no key went back, nothing is left owed,
    /// each gateway knows it all as delivered, and its books balance.
    /// </summary>
    public static async Task AssertDeliveredAsync(this GatewayFleet fleet, IReadOnlyList<Acknowledged> sent)
    {
        var ids = sent.Select(acknowledged => acknowledged.Id).ToHashSet();
        Assert.Equal(sent.Count, ids.Count);
        foreach (var receiver in (Receiver[])[fleet.Any, fleet.Ordered])
        {
            try
            {
                await receiver.WaitForAsync(arrivals => ids.IsSubsetOf(arrivals.Select(arrival => arrival.WebhookId!)), Limit);
            }
            catch (TimeoutException)
            {
                var missing = ids.Except(receiver.Arrivals.Select(arrival => arrival.WebhookId!)).Order(StringComparer.Ordinal).ToList();
                var known = await Task.WhenAll(missing.Take(5).Select(id => fleet.Gateways[0].GetAsync($"/api/v1/events/{id}")));
                Assert.Fail($"{missing.Count} of {ids.Count} did not arrive: {string.Join(' ', missing)}\n{string.Join('\n', known)}");
            }

            var bodies = receiver.Arrivals.ToLookup(arrival => arrival.WebhookId!, arrival => SysAidEvent.Text(arrival.Body));
            Assert.All(sent, acknowledged => Assert.Equal([acknowledged.Body], bodies[acknowledged.Id].Distinct()));
            Assert.Equal(ids.Count, bodies.Count);
        }

        AssertOrder(fleet.Ordered.Arrivals);
        AssertOrderOfSenders(fleet.Ordered.Arrivals);
        await fleet.DrainedAsync();
        for (var i = 0; i < sent.Count; i++)
            Assert.Equal("delivered", await fleet.Gateways[i % fleet.Gateways.Count].StateAsync(sent[i].Id));

        foreach (var gateway in fleet.Gateways)
            Assert.True((await gateway.GetAsync("/api/v1/audit")).GetProperty("balanced").GetBoolean(), "the books do not balance");
    }

    /// <summary>What came later in its key was accepted later; what arrives twice arrives twice in a row.</summary>
    private static void AssertOrder(IReadOnlyList<Arrival> arrivals)
    {
        foreach (var key in arrivals.GroupBy(KeyOf))
        {
            var sequences = key.Select(arrival => long.Parse(arrival.Header("X-HookGateway-Sequence")!, CultureInfo.InvariantCulture)).ToList();
            Assert.Equal(sequences.Order(), sequences);
        }
    }

    /// <summary>A sender begins an event after the one before is acknowledged, at whichever gateway: so they arrive, in each key.</summary>
    private static void AssertOrderOfSenders(IReadOnlyList<Arrival> arrivals)
    {
        foreach (var key in arrivals.GroupBy(arrival => (KeyOf(arrival), SourceIdOf(arrival).Split('-')[0])))
        {
            var numbers = key.Select(arrival => int.Parse(SourceIdOf(arrival).Split('-')[1], CultureInfo.InvariantCulture)).ToList();
            Assert.Equal(numbers.Order(), numbers);
        }
    }

    private static string SourceIdOf(Arrival arrival) => arrival.Header("X-HookGateway-Source-Id")!;

    private static string KeyOf(Arrival arrival)
    {
        using var body = JsonDocument.Parse(arrival.Body);
        return body.RootElement.GetProperty("srId").GetRawText();
    }
}
