using System.Text.Json.Nodes;
using HookGateway.Pipeline;
using HookGateway.Store;
using HookGateway.SysAid;
using HookGateway.SysAid.Reconcile;
using HookGateway.Testing.Downstream;
using Xunit;

namespace HookGateway.UnitTests.SysAid.Reconcile;

public sealed class SourceReconcilerTests : IAsyncLifetime
{
    private Reconciled _given = null!;

    public async ValueTask InitializeAsync() => _given = await Reconciled.StartAsync();

    public ValueTask DisposeAsync() => _given.DisposeAsync();

    [Fact]
    public async Task Run_ChangeWithoutAWebhook_IsAnEventWithTheRecordAsItsBody()
    {
        _given.Records.Put(7, Ago(5), ("title", "Déjà vu"), ("priority", "1"));

        Assert.Equal(new ReconcileResult.Done(1, null), await _given.RunAsync());

        var made = Assert.Single(await _given.MadeAsync());
        Assert.Equal([Ago(5)], _given.Times);
        Assert.Equal(("sr.updated", "7", "application/json", _given.Now), (made.Name, made.Key, made.ContentType, made.ReceivedAt));
        Assert.True(JsonNode.DeepEquals(
            new JsonObject
            {
                ["id"] = 7,
                ["title"] = "Déjà vu",
                ["priority"] = "1",
                ["insertTime"] = Ago(5).ToUnixTimeMilliseconds(),
                ["updateTime"] = Ago(5).ToUnixTimeMilliseconds(),
            },
            JsonNode.Parse(made.Body.Span)));
    }

    [Theory]
    [InlineData("")]
    [InlineData(", fields: [title]")]
    [InlineData(", compare: { title: title }")]
    public async Task Run_FieldsCalledOtherwise_AreFoundUnderTheirNames(string more)
    {
        _given.Records.Names = ("srId", "modifyTime");
        _given.Records.Put(7, Ago(5), ("title", "a"));
        _given.Records.Put(8, Ago(5), ("title", "b"));
        await _given.WebhookAsync(8, Ago(5));
        var settings = "from: 2026-01-01, grace: 1m, overlap: 2m, interval: 1m, id: srId, updateTime: modifyTime" + more;

        Assert.Equal(new ReconcileResult.Done(1, null), await _given.RunAsync(_given.Reconciler(settings)));
        Assert.Equal(new ReconcileResult.Done(0, null), await _given.RunAsync(_given.Reconciler(settings)));

        var made = Assert.Single(await _given.MadeAsync());
        Assert.Equal("7", made.Key);
        Assert.Equal((7, Ago(5).ToUnixTimeMilliseconds()), ((int)JsonNode.Parse(made.Body.Span)!["srId"]!, (long)JsonNode.Parse(made.Body.Span)!["modifyTime"]!));
    }

    [Fact]
    public async Task Run_RecordWithoutTheFieldOfItsNumber_IsAFaultThatNamesIt()
    {
        _given.Records.Put(7, Ago(5));

        var fault = await Assert.ThrowsAsync<SysAidException>(() => _given.RunAsync(_given.Reconciler("id: srId")));

        Assert.Equal("SysAid listed a service record without srId: name the field of its number as reconcile.id.", fault.Message);
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(-2000, 0)]
    [InlineData(-2001, 1)]
    [InlineData(60_000, 0)]
    public async Task Run_WebhookWithATimestampNearTheChange_CountsWithinTheTolerance(int milliseconds, int made)
    {
        _given.Records.Put(7, Ago(5));
        await _given.WebhookAsync(7, Ago(60), Ago(5).AddMilliseconds(milliseconds), Ago(61));

        await _given.RunAsync();

        Assert.Equal(made, (await _given.MadeAsync()).Count);
    }

    [Theory]
    [InlineData(-60_000, 0)]
    [InlineData(-60_001, 1)]
    public async Task Run_ToleranceSet_IsTheOneThatCounts(int milliseconds, int made)
    {
        _given.Records.Put(7, Ago(5));
        await _given.WebhookAsync(7, Ago(5).AddMilliseconds(milliseconds));

        await _given.RunAsync(_given.Reconciler("from: 2026-01-01, grace: 1m, tolerance: 1m"));

        Assert.Equal(made, (await _given.MadeAsync()).Count);
    }

    [Fact]
    public async Task Run_WebhookOfAnEarlierChangeThatCameLater_DoesNotCount()
    {
        await _given.WebhookAsync(7, Ago(6));
        _given.Records.Put(7, Ago(5));

        await _given.RunAsync();

        await AssertMadeAsync(7);
    }

    [Fact]
    public async Task Run_WebhookOfAnotherRecord_DoesNotCount()
    {
        await _given.WebhookAsync(8, Ago(5));
        _given.Records.Put(7, Ago(5));

        await _given.RunAsync();

        await AssertMadeAsync(7);
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("no JSON")]
    [InlineData("""{"updates":[{"timestamp":"soon"},7]}""")]
    public async Task Run_WebhookWithoutATimestamp_CountsFromItsReceipt(string body)
    {
        _given.Records.Put(7, Ago(5));
        _given.Records.Put(8, _given.Now.AddSeconds(10));
        await _given.WebhookAsync(7, System.Text.Encoding.UTF8.GetBytes(body));
        await _given.WebhookAsync(8, System.Text.Encoding.UTF8.GetBytes($"{body} "));
        _given.Time.Advance(TimeSpan.FromMinutes(5));

        await _given.RunAsync();

        await AssertMadeAsync(8);
    }

    [Fact]
    public async Task Run_TimestampFarAhead_CountsNoLongerThanTheOverlap()
    {
        await _given.WebhookAsync(7, _given.Now.AddYears(100));
        _given.Records.Put(7, _given.Now.AddMinutes(3));
        _given.Time.Advance(TimeSpan.FromMinutes(10));

        await _given.RunAsync();

        await AssertMadeAsync(7);
    }

    [Fact]
    public async Task Run_ChangeWithinTheGrace_IsLookedAtLater()
    {
        var reconciler = _given.Reconciler();
        _given.Records.Put(7, _given.Now);

        await _given.RunAsync(reconciler);
        _given.Time.Advance(TimeSpan.FromSeconds(59));
        await _given.RunAsync(reconciler);
        Assert.Empty(await _given.MadeAsync());

        _given.Time.Advance(TimeSpan.FromSeconds(1));
        await _given.RunAsync(reconciler);
        await AssertMadeAsync(7);
    }

    [Fact]
    public async Task Run_GraceLongerThanTheOverlap_PassesNothingBy()
    {
        const string Settings = "from: 2026-01-01, grace: 5m, overlap: 1m, interval: 1m";
        _given.Records.Put(7, Ago(4));
        _given.Records.Put(8, _given.Now);
        await _given.RunAsync(_given.Reconciler(Settings));
        _given.Time.Advance(TimeSpan.FromMinutes(5));

        await _given.RunAsync(_given.Reconciler(Settings));

        await AssertMadeAsync(7, 8);
    }

    [Fact]
    public async Task Run_Again_MakesOneEventOfEachChange()
    {
        var reconciler = _given.Reconciler();
        _given.Records.Put(7, Ago(5), ("title", "a"));
        await _given.RunAsync(reconciler);
        await _given.RunAsync(reconciler);
        await _given.ReopenAsync();
        await _given.RunAsync(_given.Reconciler());
        Assert.Single(await _given.MadeAsync());

        _given.Records.Put(7, Ago(4), ("title", "b"));
        await _given.RunAsync(_given.Reconciler());

        Assert.Equal(["a", "b"], (await _given.MadeAsync()).Select(made => (string)JsonNode.Parse(made.Body.Span)!["title"]!));
    }

    [Fact]
    public async Task Run_ChangedAgainBeforeTheFirstWasFound_IsNotTakenForTheFirst()
    {
        _given.Records.Put(7, Ago(5));
        await _given.RunAsync();
        _given.Records.Put(7, Ago(3));

        await _given.RunAsync();

        await AssertMadeAsync(7, 7);
    }

    [Fact]
    public async Task Run_TwoGatewaysAtOnce_MakeOneEventOfEachChange()
    {
        for (var record = 1; record <= 700; record++)
            _given.Records.Put(record, Ago(5));

        await Task.WhenAll(_given.RunAsync(_given.Reconciler()), _given.RunAsync(_given.Reconciler()));

        Assert.Equal(Enumerable.Range(1, 700).Select(record => (long)record), await _given.MadeOfAsync());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Run_ManyRecordsOfOneTime_FindsEachOnce(bool isWrapped)
    {
        _given.Api.Fake.WrapsLists = isWrapped;
        for (var record = 1; record <= 1300; record++)
            _given.Records.Put(record, Ago(5));
        for (var record = 1; record <= 1300; record += 2)
            await _given.WebhookAsync(record, Ago(5));

        var done = Assert.IsType<ReconcileResult.Done>(await _given.RunAsync());

        Assert.Equal(650, done.Found);
        Assert.Equal(Enumerable.Range(1, 650).Select(half => half * 2L), await _given.MadeOfAsync());
    }

    [Fact]
    public async Task Run_FromNow_LeavesEarlierChangesAlone()
    {
        const string FromNow = "grace: 1m, overlap: 2m, interval: 1m";
        _given.Records.Put(7, _given.Now);
        _given.Api.Fake.Fail([.. Enumerable.Repeat(Answer.Status(500), 5)]);
        await Assert.ThrowsAsync<SysAidException>(() => _given.RunAsync(_given.Reconciler(FromNow)));
        _given.Records.Put(8, _given.Now.AddMilliseconds(1));
        _given.Time.Advance(TimeSpan.FromMinutes(5));

        await _given.RunAsync(_given.Reconciler(FromNow));

        await AssertMadeAsync(8);
    }

    [Fact]
    public async Task Run_FromATime_FindsLaterChangesOnly()
    {
        _given.Records.Put(7, new DateTimeOffset(2026, 1, 31, 8, 0, 0, TimeSpan.Zero));
        _given.Records.Put(8, new DateTimeOffset(2026, 1, 31, 8, 0, 0, 1, TimeSpan.Zero));

        await _given.RunAsync(_given.Reconciler("from: 2026-01-31T08:00:00Z"));

        await AssertMadeAsync(8);
    }

    [Fact]
    public async Task Run_ChangeThatShowsLate_IsFoundWithinTheOverlap()
    {
        _given.Records.Put(7, Ago(5));
        await _given.RunAsync();
        _given.Records.Put(8, Ago(5).AddSeconds(-119));
        _given.Records.Put(9, Ago(5).AddSeconds(-121));

        await _given.RunAsync();

        await AssertMadeAsync(7, 8);
    }

    [Fact]
    public async Task Run_ApiFailsMidway_GoesOnLaterAndTellsTheBlindTime()
    {
        var began = _given.Now;
        var reconciler = _given.Reconciler();
        await _given.RunAsync(reconciler);
        for (var record = 1; record <= 1200; record++)
            _given.Records.Put(record, Ago(5));

        // The first page comes, the second does not.
        var taken = 0;
        _given.Taking = () =>
        {
            if (Interlocked.Increment(ref taken) == 1)
                _given.Api.Fake.Fail([.. Enumerable.Repeat(Answer.Status(503), ApiRetry.Attempts)]);
        };
        await Assert.ThrowsAsync<SysAidException>(() => _given.RunAsync(reconciler));
        Assert.Equal(500, (await _given.MadeAsync()).Count);
        _given.Time.Advance(TimeSpan.FromMinutes(30));
        var done = Assert.IsType<ReconcileResult.Done>(await _given.RunAsync(reconciler));

        Assert.Equal(Enumerable.Range(1, 1200).Select(record => (long)record), await _given.MadeOfAsync());
        Assert.Equal((began, began.AddMinutes(30)), (done.Blind!.From, done.Blind.Until));
        Assert.Contains("HTTP 503", done.Blind.Reason, StringComparison.Ordinal);
        Assert.Equal((1200L, 2L), (reconciler.State!.Found, reconciler.State.Runs));
    }

    [Fact]
    public async Task Run_StoreCannotTake_IsAFaultAndNothingIsPassedBy()
    {
        _given.Records.Put(7, Ago(5));
        _given.Refusal = new IngestResult.Unavailable("full");
        Assert.Equal("full", (await Assert.ThrowsAsync<StoreException>(() => _given.RunAsync())).Message);

        _given.Refusal = null;
        await _given.RunAsync();

        await AssertMadeAsync(7);
    }

    [Fact]
    public async Task Run_NobodyLookedForLong_TellsSo()
    {
        await _given.RunAsync();
        var before = _given.Now;
        _given.Time.Advance(TimeSpan.FromMinutes(2));
        Assert.Null(Assert.IsType<ReconcileResult.Done>(await _given.RunAsync()).Blind);
        _given.Time.Advance(TimeSpan.FromHours(2));

        var done = Assert.IsType<ReconcileResult.Done>(await _given.RunAsync());

        Assert.Equal(new BlindWindow(before.AddMinutes(2), before.AddMinutes(122), "no gateway looked"), done.Blind);
    }

    [Fact]
    public async Task Run_FieldsNamed_AsksForThemAndTheTimes()
    {
        _given.Records.Put(7, Ago(5), ("title", "a"), ("secret", "b"));

        await _given.RunAsync(_given.Reconciler("from: 2026-01-01, fields: [title], event: sr.missed"));

        Assert.All(_given.Api.Requests, request => Assert.Contains("&fields=title,updateTime,insertTime", request.Path, StringComparison.Ordinal));
        var made = Assert.Single(await _given.MadeAsync());
        Assert.Equal("sr.missed", made.Name);
        Assert.DoesNotContain("secret", Reconciled.Text(made), StringComparison.Ordinal);
    }

    private async Task AssertMadeAsync(params long[] records) => Assert.Equal(records, await _given.MadeOfAsync());

    private DateTimeOffset Ago(int minutes) => _given.Now.AddMinutes(-minutes);
}
