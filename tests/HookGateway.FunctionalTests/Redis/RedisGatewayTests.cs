using System.Net;
using System.Net.Http.Headers;
using HookGateway.Storage.Redis;
using HookGateway.Store;
using HookGateway.Testing;
using HookGateway.Testing.Downstream;
using HookGateway.Testing.Gateway;
using HookGateway.Testing.Redis;
using HookGateway.Testing.Senders;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace HookGateway.FunctionalTests.Redis;

/// <summary>The real program on a real Redis.</summary>
public sealed class RedisGatewayTests : IAsyncLifetime
{
    private const string Secret = "a secret of the test";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private RedisServer _redis = null!;
    private Receiver _downstream = null!;
    private GatewayProcess _gateway = null!;

    public async ValueTask InitializeAsync()
    {
        _redis = await RedisServer.StartAsync("--appendonly", "yes", "--appendfsync", "always");
        _downstream = await Receiver.StartAsync();
        _gateway = await GatewayProcess.StartAsync(Configuration);
    }

    public async ValueTask DisposeAsync()
    {
        await _gateway.DisposeAsync();
        await _downstream.DisposeAsync();
        await _redis.DisposeAsync();
    }

    [Fact]
    public async Task Restart_NotDeliveredYet_IsDeliveredAndStillADuplicate()
    {
        _downstream.AnswerWith(_ => Answer.Status(500));
        using var sender = SenderOf(_gateway);
        var created = SysAidEvent.Created(1);
        var accepted = await sender.SendAsync(created);
        Assert.Equal(202, accepted.Status);
        await _downstream.WaitForAsync(1);

        Assert.Equal(0, await _gateway.TerminateAsync());
        var made = _downstream.Arrivals.Count;
        _downstream.AnswerWith(_ => Answer.Ok);
        await _gateway.StartAgainAsync();

        await _downstream.WaitForAsync(all => all.Skip(made).Any(arrival => arrival.WebhookId == accepted.Id));
        using var again = SenderOf(_gateway);
        Assert.Equal(accepted.Id, (await again.SendAsync(created)).Id);
    }

    [Fact]
    public async Task Redis_KilledAndStartedAgain_GatewayRefusesThenGoesOnWithEverything()
    {
        _downstream.AnswerWith(_ => Answer.Status(500));
        using var sender = SenderOf(_gateway);
        var before = await sender.SendAsync(SysAidEvent.Created(1));
        await _downstream.WaitForAsync(1);
        await _redis.KillAsync();
        var made = _downstream.Arrivals.Count;

        var refused = await sender.SendAsync(SysAidEvent.Created(2));
        Assert.Equal(503, refused.Status);
        Assert.NotNull(refused.Header("Retry-After"));

        await _redis.StartAgainAsync();
        _downstream.AnswerWith(_ => Answer.Ok);
        await Wait.UntilAsync(async () => (await sender.SendAsync(SysAidEvent.Created(2))).Status == 202, "events to be taken again");
        await _downstream.WaitForAsync(all => all.Skip(made).Any(arrival => arrival.WebhookId == before.Id));
    }

    [Fact]
    public async Task Redis_PromisesLessWhileItRuns_GatewayRefusesSaysWhyAndGoesOn()
    {
        using var sender = SenderOf(_gateway);
        Assert.Equal((200, "Healthy"), await ReadyAsync(_gateway));

        await _redis.RunAsync("CONFIG SET appendfsync everysec");
        await Wait.UntilAsync(async () => (await ReadyAsync(_gateway)).Status == 503, "the gateway to notice");
        Assert.Contains("Set appendfsync always", (await ReadyAsync(_gateway)).Text, StringComparison.Ordinal);
        Assert.Equal(503, (await sender.SendAsync(SysAidEvent.Created(1))).Status);
        await Wait.UntilAsync(() => _gateway.Output.Contains("Events are refused until Redis is fit", StringComparison.Ordinal), "the log");

        await _redis.RunAsync("CONFIG SET appendfsync always");
        await Wait.UntilAsync(async () => (await ReadyAsync(_gateway)).Status == 200, "the gateway to notice");
        Assert.Equal(202, (await sender.SendAsync(SysAidEvent.Created(1))).Status);
    }

    [Fact]
    public async Task Ready_WhatCanBeLost_IsToldToWhoeverHasTheToken()
    {
        await using var memory = await RedisServer.StartAsync();
        await using var gateway = await GatewayProcess.StartAsync(ports => Configuration(ports)
            .Replace("durability: fsync", "durability: memory", StringComparison.Ordinal)
            .Replace(_redis.Connection, memory.Connection, StringComparison.Ordinal)
            .Replace($"127.0.0.1:{ports.Admin}\"", $"127.0.0.1:{ports.Admin}\", token: of-the-operator", StringComparison.Ordinal));

        Assert.Equal((200, "Healthy"), await ReadyAsync(gateway));
        gateway.Client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", "of-the-operator");
        var (status, text) = await ReadyAsync(gateway);

        Assert.Equal(200, status);
        Assert.Contains("keeps no append-only file", text, StringComparison.Ordinal);
        Assert.Contains("keeps no append-only file", gateway.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Tokens_TwoGateways_OneRequest()
    {
        await using var tokens = await TokenServer.StartAsync("me", ["s3cret"]);
        var auth = $"auth: {{ oauth2: {{ tokenUrl: \"{tokens.Url}\", clientId: me, clientSecret: s3cret }} }}";
        string WithAuth(GatewayPorts ports) => Configuration(ports).Replace("retry:", $"{auth}, retry:", StringComparison.Ordinal);
        await using var first = await GatewayProcess.StartAsync(WithAuth);
        await using var second = await GatewayProcess.StartAsync(WithAuth);
        await _gateway.TerminateAsync();

        foreach (var (gateway, number) in new[] { (first, 1), (second, 2) })
        {
            using var sender = SenderOf(gateway);
            Assert.Equal(202, (await sender.SendAsync(SysAidEvent.Created(number))).Status);
            await _downstream.WaitForAsync(number);
        }

        Assert.All(_downstream.Arrivals, arrival => Assert.Equal("Bearer token-1", arrival.Header("Authorization")));
        Assert.Single(tokens.Requests);
    }

    [Fact]
    public async Task Metrics_AfterAnEvent_HaveTheStores()
    {
        using var sender = SenderOf(_gateway);
        await sender.SendAsync(SysAidEvent.Created(1));

        var page = await _gateway.Client.GetStringAsync(new Uri(_gateway.AdminUrl, "/metrics"), TestContext.Current.CancellationToken);

        Assert.Matches("hookgateway_store_commit_duration_seconds_count({[^}]*})? [1-9]", page);
        Assert.Matches("hookgateway_store_batch_size_sum({[^}]*})? 1\\s", page);
    }

    [Fact]
    public async Task Start_RedisPromisesLessThanAsked_EndsAndSaysWhatToSet()
    {
        await _gateway.TerminateAsync();
        await using var unsafeRedis = await RedisServer.StartAsync();
        _gateway.Configure(Configuration(_gateway.Ports).Replace(_redis.Connection, unsafeRedis.Connection, StringComparison.Ordinal));

        await _gateway.StartAgainAsync(new GatewayStart { WaitUntilReady = false });

        Assert.Equal(1, await _gateway.WaitForExitAsync());
        Assert.Contains("appendonly yes", _gateway.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Start_RedisIsAway_LivesRefusesSaysWhyAndGoesOnByItself()
    {
        await _gateway.TerminateAsync();
        await _redis.KillAsync();
        await _gateway.StartAgainAsync(new GatewayStart { WaitUntilReady = false });
        await Wait.UntilAsync(async () => (await TryReadyAsync(_gateway))?.Text.Contains("storage.connection", StringComparison.Ordinal) == true, "the reason");

        Assert.Equal(503, (await ReadyAsync(_gateway)).Status);
        using var live = await _gateway.Client.GetAsync(new Uri(_gateway.AdminUrl, "/health/live"), Cancel);
        Assert.Equal(HttpStatusCode.OK, live.StatusCode);
        using var sender = SenderOf(_gateway);
        var refused = await sender.SendAsync(SysAidEvent.Created(1));
        Assert.Equal(503, refused.Status);
        Assert.NotNull(refused.Header("Retry-After"));

        await _redis.StartAgainAsync();
        await _gateway.WaitUntilReadyAsync(TimeSpan.FromSeconds(60));
        using var again = SenderOf(_gateway);
        Assert.Equal(202, (await again.SendAsync(SysAidEvent.Created(1))).Status);
        await _downstream.WaitForAsync(1);
    }

    [Fact]
    public async Task Start_RedisComesAndPromisesLess_EndsAndSaysWhatToSet()
    {
        await _gateway.TerminateAsync();
        await using var unsafeRedis = await RedisServer.StartAsync();
        await unsafeRedis.KillAsync();
        _gateway.Configure(Configuration(_gateway.Ports).Replace(_redis.Connection, unsafeRedis.Connection, StringComparison.Ordinal));
        await _gateway.StartAgainAsync(new GatewayStart { WaitUntilReady = false });
        await Wait.UntilAsync(async () => await TryReadyAsync(_gateway) is not null, "something to answer");
        Assert.False(_gateway.HasExited);

        await unsafeRedis.StartAgainAsync();

        Assert.Equal(1, await _gateway.WaitForExitAsync());
        Assert.Contains("appendonly yes", _gateway.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Start_RedisIsAwayAndTheGatewayIsToldToEnd_EndsClean()
    {
        await _gateway.TerminateAsync();
        await _redis.KillAsync();
        await _gateway.StartAgainAsync(new GatewayStart { WaitUntilReady = false });
        await Wait.UntilAsync(async () => await TryReadyAsync(_gateway) is not null, "something to answer");

        Assert.Equal(0, await _gateway.TerminateAsync());
    }

    [Fact]
    public async Task Event_BodyIsNotKeptAnyMore_IsShownAndNotReplayed()
    {
        using var sender = SenderOf(_gateway);
        var id = (await sender.SendAsync(SysAidEvent.Created(1))).Id;
        await _downstream.WaitForAsync(1);
        using var admin = new HttpClient { BaseAddress = _gateway.AdminUrl };
        await using var store = new RedisEventStore(
            new RedisStoreOptions { Connection = _redis.Connection }, TimeProvider.System, NullLogger<RedisEventStore>.Instance);
        await store.OpenAsync(Cancel);
        await Wait.UntilAsync(
            async () =>
            {
                // What the gateway does once a minute.
                await store.RetainAsync(new RetentionLimits(TimeSpan.FromDays(7), TimeSpan.FromDays(7)) { Bodies = TimeSpan.Zero }, Cancel);
                return (await admin.GetStringAsync($"/api/v1/events/{id}", Cancel)).Contains("\"bodyDropped\":true", StringComparison.Ordinal);
            },
            "the body to be dropped");

        using var body = await admin.GetAsync($"/api/v1/events/{id}/body", Cancel);
        using var replay = await admin.PostAsync($"/api/v1/events/{id}/replay", null, Cancel);

        Assert.Equal((HttpStatusCode.Gone, HttpStatusCode.Conflict), (body.StatusCode, replay.StatusCode));
        Assert.Contains("storage.retention.bodies", await body.Content.ReadAsStringAsync(Cancel), StringComparison.Ordinal);
        Assert.Contains("storage.retention.bodies", await replay.Content.ReadAsStringAsync(Cancel), StringComparison.Ordinal);
        var listed = await admin.GetStringAsync("/api/v1/events?state=delivered", Cancel);
        Assert.Contains(id!, listed, StringComparison.Ordinal);
        Assert.Contains("\"bodyDropped\":true", listed, StringComparison.Ordinal);
        Assert.Single(_downstream.Arrivals);
    }

    private static SysAidSender SenderOf(GatewayProcess gateway) => new(new Uri(gateway.HttpsUrl, "/hooks/sysaid"), Secret);

    private static async Task<(int Status, string Text)?> TryReadyAsync(GatewayProcess gateway)
    {
        try
        {
            return await ReadyAsync(gateway);
        }
        catch (HttpRequestException)
        {
            return null;
        }
    }

    private static async Task<(int Status, string Text)> ReadyAsync(GatewayProcess gateway)
    {
        using var answer = await gateway.Client.GetAsync(new Uri(gateway.AdminUrl, "/health/ready"), TestContext.Current.CancellationToken);
        return ((int)answer.StatusCode, await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

    private string Configuration(GatewayPorts ports) => $$"""
        {{ports.Listen}}
        limits: { requestTimeout: 2s }
        storage: { engine: redis, connection: "{{_redis.Connection}}", durability: fsync }
        sources:
          sysaid: { preset: sysaid, secrets: ["{{Secret}}"] }
        destinations:
          tickets: { url: "{{_downstream.Url}}", retry: { first: 200ms, factor: 1, attempts: 100 }, breaker: { minimum: 1000 } }
        routes:
          - { source: sysaid, to: [tickets] }
        """;
}
