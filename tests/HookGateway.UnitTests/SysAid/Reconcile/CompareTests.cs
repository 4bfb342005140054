using System.Globalization;
using System.Text.Json.Nodes;
using HookGateway.Store;
using HookGateway.SysAid;
using HookGateway.SysAid.Reconcile;
using HookGateway.Testing.Downstream;
using Xunit;

namespace HookGateway.UnitTests.SysAid.Reconcile;

/// <summary>What was lost although a later change of the record came shows in the record.</summary>
public sealed class CompareTests : IAsyncLifetime
{
    private const string Settings = "from: 2026-01-01, grace: 1m, overlap: 2m, interval: 1m, compare: { title: title, urgency: urgency }";

    private Reconciled _given = null!;
    private int _webhooks;

    public async ValueTask InitializeAsync()
    {
        _given = await Reconciled.StartAsync();
        _given.Records.Put(7, Ago(500), ("title", "a"), ("urgency", "1"));
        await RunAsync(Settings);
        Assert.Equal(1, await MadeAsync());

        // What was told of it until then is not looked up any more.
        _given.Time.Advance(TimeSpan.FromMinutes(20));
        await RunAsync(Settings);
    }

    public ValueTask DisposeAsync() => _given.DisposeAsync();

    [Fact]
    public async Task Record_ChangeIsLostAndALaterOneCame_IsFoundOnce()
    {
        _given.Records.Put(7, Ago(6), ("title", "lost"));
        _given.Records.Put(7, Ago(5), ("urgency", "2"));
        await TellAsync(Ago(5), ("urgency", "2"));

        Assert.Equal(1, await RunAsync(Settings));
        Assert.Equal("lost", (string)JsonNode.Parse((await _given.MadeAsync())[^1].Body.Span)!["title"]!);
        Assert.Equal(0, await RunAsync(Settings));

        // Nor when it is changed again.
        _given.Records.Put(7, Ago(4), ("urgency", "3"));
        await TellAsync(Ago(4), ("urgency", "3"));
        Assert.Equal(0, await RunAsync(Settings));
    }

    [Fact]
    public async Task Record_WithoutCompare_IsNotFound()
    {
        const string Without = "from: 2026-01-01, grace: 1m, overlap: 2m, interval: 1m";
        _given.Records.Put(7, Ago(5), ("title", "lost"), ("urgency", "2"));
        await TellAsync(Ago(5), ("urgency", "2"));

        Assert.Equal(0, await RunAsync(Without));

        // And what it was meanwhile does not count when it is compared again.
        Assert.Equal(0, await RunAsync(Settings));
    }

    [Fact]
    public async Task Record_AllOfItCame_IsNotFound()
    {
        _given.Records.Put(7, Ago(5), ("title", "b"), ("urgency", "3"), ("notes", "never told"));
        await TellAsync(Ago(6), ("urgency", "2"));
        await TellAsync(Ago(5), ("urgency", "3"), ("urgency", "2"));
        await TellAsync(Ago(7), ("title", "b"));
        await TellAsync(Ago(8), ("urgency", "1"));

        // Of two changes of one time the one that came later counts.
        await TellAsync(Ago(5), ("urgency", "3"));

        Assert.Equal(0, await RunAsync(Settings));
    }

    [Fact]
    public async Task Record_ChangedBackAndThatIsLost_IsFound()
    {
        _given.Records.Put(7, Ago(5), ("title", "a"), ("urgency", "2"));
        await TellAsync(Ago(7), ("title", "b"));
        await TellAsync(Ago(5), ("urgency", "2"));

        Assert.Equal(1, await RunAsync(Settings));
    }

    [Fact]
    public async Task Record_New_MustHaveBeenToldWhole()
    {
        foreach (var record in new[] { 8, 9, 10 })
            _given.Records.Put(record, Ago(5), ("title", "new"), ("urgency", record == 10 ? "" : "2"));
        await _given.WebhookAsync(8, Body(8, Ago(5), ("title", "new"), ("urgency", "2")));
        await _given.WebhookAsync(9, Body(9, Ago(5), ("title", "new")));
        await _given.WebhookAsync(10, Body(10, Ago(5), ("title", "new")));

        await RunAsync(Settings);

        var made = await _given.MadeOfAsync();
        Assert.Equal([7, 9], made);
    }

    [Fact]
    public async Task Records_WhenTheyAreFirstCompared_AreTakenAsTheyAre()
    {
        const string More = "from: 2026-01-01, grace: 1m, overlap: 2m, interval: 1m, compare: { title: title, notes: notes }";
        _given.Records.Put(7, Ago(5), ("title", "b"), ("notes", "n"));
        await TellAsync(Ago(5), ("title", "b"));
        await RunAsync(More);
        Assert.Equal(1, await MadeAsync());

        _given.Records.Put(7, Ago(4), ("title", "c"), ("notes", "lost"));
        await TellAsync(Ago(4), ("title", "c"));

        Assert.Equal(1, await RunAsync(More));
    }

    [Theory]
    [InlineData("compare: { title: data.title }", "data.title", "b", 0)]
    [InlineData("compare: { title: data.title }", "title", "b", 1)]
    [InlineData("compare: { title: title }", "title", "B", 1)]
    [InlineData("compare: { nothing: title }", "title", "c", 0)]
    [InlineData("fields: [urgency], compare: { title: title }", "title", "c", 1)]
    public async Task Compare_NamesAndValues_AreHeldAgainstEachOtherAsConfigured(string compare, string told, string value, int found)
    {
        var settings = $"from: 2026-01-01, grace: 1m, overlap: 2m, interval: 1m, {compare}";
        await RunAsync(settings);
        _given.Records.Put(7, Ago(5), ("title", "b"));
        await TellAsync(Ago(5), (told, value));

        Assert.Equal(found, await RunAsync(settings));
    }

    [Theory]
    [InlineData("")]
    [InlineData(null)]
    public async Task Value_Emptied_IsToldByAnyNothing(string? told)
    {
        _given.Records.Put(7, Ago(5), ("title", ""));
        await TellAsync(Ago(5), ("title", told));

        Assert.Equal(0, await RunAsync(Settings));
    }

    [Fact]
    public async Task Record_ChangedWhileItIsListed_IsLookedAtByTheNextListing()
    {
        _given.Records.Put(7, Ago(5), ("title", "lost"), ("urgency", "2"));
        await TellAsync(Ago(5), ("urgency", "2"));

        // The API does not show it yet.
        await TellAsync(Ago(4), ("urgency", "3"));
        Assert.Equal(0, await RunAsync(Settings));

        _given.Records.Put(7, Ago(4), ("urgency", "3"));
        Assert.Equal(1, await RunAsync(Settings));
    }

    [Fact]
    public async Task Record_ChangedAgainWhenItsEventIsMade_IsLookedAtByTheNextListing()
    {
        var reconciler = _given.Reconciler(Settings);
        _given.Records.Put(7, Ago(5), ("title", "lost"), ("urgency", "2"));
        await TellAsync(Ago(5), ("urgency", "2"));
        _given.HasChangedAgain = record => record == "7";
        Assert.Equal(0, await RunAsync(reconciler));

        _given.HasChangedAgain = _ => false;
        _given.Records.Put(7, Ago(4), ("urgency", "3"));
        await TellAsync(Ago(4), ("urgency", "3"));
        Assert.Equal(1, await RunAsync(reconciler));
    }

    [Fact]
    public async Task Record_ThatChangesAllTheTime_IsHeldAgainstAllThatCameMeanwhile()
    {
        for (var i = 0; i < 10; i++)
        {
            _given.Records.Put(7, _given.Now, ("title", $"{i}"), ("urgency", "2"));
            await TellAsync(_given.Now, i == 0 ? ("urgency", "2") : ("title", $"{i}"));
            _given.Time.Advance(TimeSpan.FromSeconds(50));
            Assert.Equal(0, await RunAsync(Settings));
        }

        _given.Time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(0, await RunAsync(Settings));
    }

    [Fact]
    public async Task Record_LostWhileItIsTooYoungToTell_IsFoundLater()
    {
        _given.Records.Put(7, _given.Now, ("title", "lost"));
        Assert.Equal(0, await RunAsync(Settings));
        _given.Time.Advance(TimeSpan.FromSeconds(30));
        _given.Records.Put(7, _given.Now, ("urgency", "2"));
        await TellAsync(_given.Now, ("urgency", "2"));
        Assert.Equal(0, await RunAsync(Settings));

        _given.Time.Advance(TimeSpan.FromMinutes(2));
        Assert.Equal(1, await RunAsync(Settings));
    }

    [Fact]
    public async Task Record_Removed_IsForgotten()
    {
        _given.Records.Put(8, Ago(5), ("title", "a"));
        await RunAsync(Settings);
        _given.Records.Remove(7);
        await RunAsync(Settings);
        await RunAsync(Settings);
        Assert.Equal((8 + 4) + (2 * (8 + 8 + 4 + 4)), Assert.Single(await PartsAsync()).Length);

        _given.Time.Advance(TimeSpan.FromHours(25));
        await RunAsync(Settings);
        await RunAsync(Settings);

        Assert.Equal((8 + 4) + (8 + 8 + 4 + 4), Assert.Single(await PartsAsync()).Length);
    }

    [Fact]
    public async Task Record_MovedAwayWhileItIsListed_IsKnownAllTheSame()
    {
        // It is on the second page, until it is on the first that was given before.
        for (var record = 100; record < 800; record++)
            _given.Records.Put(record, Ago(400), ("title", "a"), ("urgency", "1"));
        await RunAsync(Settings);
        _given.Time.Advance(TimeSpan.FromMinutes(20));
        await RunAsync(Settings);
        _given.Records.Put(8, Ago(5), ("title", "never told"));
        _given.Taking = () =>
        {
            _given.Taking = () => { };
            _given.Records.Put(100, _given.Now, ("urgency", "2"));
        };
        Assert.Equal(1, await RunAsync(Settings));
        await _given.WebhookAsync(100, Body(100, _given.Now, ("urgency", "2")));

        _given.Time.Advance(TimeSpan.FromMinutes(2));
        Assert.Equal(0, await RunAsync(Settings));
    }

    [Fact]
    public async Task Listing_BreaksOff_BeginsAnewWithoutHidingAnything()
    {
        for (var record = 1; record <= 1200; record++)
            _given.Records.Put(record, Ago(400), ("title", "a"));
        var reconciler = _given.Reconciler(Settings);
        await RunAsync(reconciler);
        for (var record = 1; record <= 1200; record++)
        {
            _given.Records.Put(record, Ago(5), ("title", "lost"), ("urgency", "2"));
            await _given.WebhookAsync(record, Body(record, Ago(5), ("urgency", "2")));
        }

        var before = await MadeAsync();
        var taken = 0;
        _given.Taking = () =>
        {
            if (Interlocked.Increment(ref taken) == 1)
                _given.Api.Fake.Fail([.. Enumerable.Repeat(Answer.Status(503), ApiRetry.Attempts)]);
        };
        await Assert.ThrowsAsync<SysAidException>(() => _given.RunAsync(reconciler));
        Assert.InRange(await MadeAsync() - before, 1, 1199);
        await RunAsync(reconciler);
        Assert.Equal(1200, await MadeAsync() - before);

        // What was found before it broke off is known later on.
        _given.Time.Advance(TimeSpan.FromMinutes(30));
        _given.Records.Put(1200, Ago(2), ("urgency", "3"));
        await _given.WebhookAsync(1200, Body(1200, Ago(2), ("urgency", "3")));
        Assert.Equal(0, await RunAsync(reconciler));
        Assert.Equal(0, await RunAsync(_given.Reconciler(Settings)));
    }

    [Fact]
    public async Task Records_MoreThanOneStateHolds_AreKnownAllTheSame()
    {
        const int Many = 5000;
        for (var record = 1; record <= Many; record++)
            _given.Records.Put(record, Ago(400), ("title", "a"), ("urgency", "1"));
        await RunAsync(Settings);
        for (var record = 1; record <= Many; record += 1000)
        {
            _given.Records.Put(record, Ago(5), ("title", "lost"), ("urgency", "2"));
            await _given.WebhookAsync(record, Body(record, Ago(5), ("urgency", "2")));
        }

        await _given.ReopenAsync();

        Assert.Equal(Many / 1000, await RunAsync(Settings));
        Assert.Equal(4, (await PartsAsync()).Count);
    }

    [Fact]
    public async Task Records_Unchanged_AreNotWrittenAgain()
    {
        await RunAsync(Settings);
        var version = (await PartAsync(0))!.Version;
        await RunAsync(Settings);
        Assert.Equal(version, (await PartAsync(0))!.Version);

        _given.Records.Put(7, Ago(5), ("title", "b"));
        await TellAsync(Ago(5), ("title", "b"));
        await RunAsync(Settings);
        Assert.NotEqual(version, (await PartAsync(0))!.Version);
    }

    [Fact]
    public async Task Part_OfOtherFields_IsNotRead()
    {
        var part = (await PartAsync(0))!;
        await _given.Store.TrySetStateAsync(Part(0), part.Version, new byte[part.Value.Length], TestContext.Current.CancellationToken);
        _given.Records.Put(7, Ago(5), ("title", "b"));
        await TellAsync(Ago(5), ("title", "b"));

        // The record is as good as new: its urgency was never told.
        Assert.Equal(1, await RunAsync(Settings));
        Assert.Equal(part.Value.Length, (await PartAsync(0))!.Value.Length);
    }

    private Task<int> RunAsync(string settings) => RunAsync(_given.Reconciler(settings));

    /// <returns>How many changes were found.</returns>
    private async Task<int> RunAsync(SourceReconciler reconciler) =>
        Assert.IsType<ReconcileResult.Done>(await _given.RunAsync(reconciler)).Found;

    private Task TellAsync(DateTimeOffset time, params (string Field, string? Value)[] changes) => _given.WebhookAsync(7, Body(7, time, changes));

    private byte[] Body(int record, DateTimeOffset time, params (string Field, string? Value)[] changes) => System.Text.Encoding.UTF8.GetBytes(
        new JsonObject
        {
            ["number"] = ++_webhooks,
            ["srId"] = record,
            ["updates"] = new JsonArray([.. changes.Select((change, i) => new JsonObject
            {
                ["fieldName"] = change.Field,
                ["currentValue"] = change.Value,

                // Several of one webhook: the first is the latest.
                ["timestamp"] = (time.ToUnixTimeMilliseconds() - i).ToString(CultureInfo.InvariantCulture),
            })]),
        }.ToJsonString());

    private async Task<int> MadeAsync() => (await _given.MadeAsync()).Count;

    private async Task<List<byte[]>> PartsAsync()
    {
        var parts = new List<byte[]>();
        while (await PartAsync(parts.Count) is { } part)
            parts.Add(part.Value.ToArray());
        return parts;
    }

    private async Task<NamedState?> PartAsync(int number) => await _given.Store.FindStateAsync(Part(number), TestContext.Current.CancellationToken);

    private static string Part(int number) => $"reconcile:{Reconciled.Source}:{number}";

    private DateTimeOffset Ago(int minutes) => _given.Now.AddMinutes(-minutes);
}
