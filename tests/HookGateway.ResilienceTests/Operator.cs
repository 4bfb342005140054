using System.Text.Json;
using HookGateway.Testing;
using HookGateway.Testing.Gateway;
using Xunit;

namespace HookGateway.ResilienceTests;

/// <summary>What an operator asks of a running gateway whose one destination is <c>d</c>, or the one that is named.</summary>
internal static class Operator
{
    public static async Task PostAsync(this GatewayProcess gateway, string verb, string destination = "d")
    {
        using var answer = await gateway.Client.PostAsync(new Uri(gateway.AdminUrl, $"/api/v1/destinations/{destination}/{verb}"), null);
        Assert.True(answer.IsSuccessStatusCode, $"{verb} answered {answer.StatusCode}");
    }

    public static async Task<bool> IsPausedAsync(this GatewayProcess gateway) =>
        (await gateway.DestinationAsync()).TryGetProperty("pausedSince", out var since) && since.ValueKind != JsonValueKind.Null;

    /// <summary>Waits until nothing is owed.</summary>
    public static Task DrainedAsync(this GatewayProcess gateway) => Wait.UntilAsync(
        async () => (await gateway.DestinationAsync()).GetProperty("pending").GetInt32() == 0,
        "everything to be delivered",
        TimeSpan.FromSeconds(60));

    public static async Task<string?> StateAsync(this GatewayProcess gateway, string id) =>
        (await gateway.GetAsync($"/api/v1/events/{id}")).GetProperty("state").GetString();

    /// <summary>Every event and delivery is accounted for, and so many were delivered.</summary>
    public static async Task AssertBooksAsync(this GatewayProcess gateway, int delivered)
    {
        var books = await gateway.BalancedBooksAsync();
        var counted = Assert.Single(books.GetProperty("destinations").EnumerateArray()).GetProperty("counted");
        Assert.Equal(delivered, counted.GetProperty("delivered").GetInt32());
    }

    /// <summary>The books, in which every event and delivery is accounted for.</summary>
    public static async Task<JsonElement> BalancedBooksAsync(this GatewayProcess gateway)
    {
        var books = await gateway.GetAsync("/api/v1/audit");
        Assert.True(books.GetProperty("balanced").GetBoolean(), books.ToString());
        return books;
    }

    public static async Task<JsonElement> GetAsync(this GatewayProcess gateway, string path)
    {
        using var answer = JsonDocument.Parse(await gateway.Client.GetStringAsync(new Uri(gateway.AdminUrl, path)));
        return answer.RootElement.Clone();
    }

    private static async Task<JsonElement> DestinationAsync(this GatewayProcess gateway) =>
        Assert.Single((await gateway.GetAsync("/api/v1/destinations")).GetProperty("destinations").EnumerateArray());
}
