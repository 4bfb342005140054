using System.Collections.Concurrent;
using HookGateway.Coalesce;
using HookGateway.Pipeline;
using HookGateway.Store;
using HookGateway.Testing;
using HookGateway.UnitTests.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace HookGateway.UnitTests.Coalesce;

/// <summary>When the loop looks for what is due, and what it does where that fails.</summary>
public sealed class ReleaseLoopTests : IAsyncDisposable
{
    private readonly CoalescedKeys _keys = new();
    private readonly ConcurrentQueue<(DateTimeOffset DueBy, string NotOf)> _looks = new();
    private CoalescedKeys? _others;
    private int _waitsBefore;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask DisposeAsync()
    {
        await _keys.DisposeAsync();
        if (_others is not null)
            await _others.DisposeAsync();
    }

    [Fact]
    public async Task Run_HeldEvent_GoesOutWhenItIsDueAndNotBefore()
    {
        var loop = await StartAsync(_keys);
        await _keys.TakeAsync("7", "title", 1);
        await LooksAsync(_keys, 1);

        // It looks every 5 seconds, and when the next is due.
        for (var look = 2; look <= 25; look++)
        {
            Assert.Equal(TimeSpan.FromSeconds(5), WaitsOf(_keys)[^1]);
            _keys.Time.Advance(TimeSpan.FromSeconds(5));
            await LooksAsync(_keys, look);
            Assert.Equal(look == 25 ? 2 : 1, _keys.Steps.Count);
        }

        Assert.Equal(_keys.Time.GetUtcNow(), _keys.Time.Start.AddMinutes(2));
        await loop.StopAsync(Cancel);
    }

    [Theory]
    [InlineData(60_000, null, 5000)]
    [InlineData(1000, null, 1000)]
    [InlineData(60_000, 300, 300)]
    [InlineData(1000, 4000, 1000)]
    [InlineData(60_000, 0, 1)]
    [InlineData(60_000, -50, 1)]
    public async Task Run_NothingDue_WaitsForTheNextButNoLongerThanQuiet(int quiet, int? next, int wait)
    {
        _others = new CoalescedKeys($"{quiet}ms");
        var due = _others.Time.GetUtcNow() + (next is { } later ? TimeSpan.FromMilliseconds(later) : (TimeSpan?)null);
        _others.Store.OnListHeld = (_, _) => new HeldKeys([], due, new Dictionary<string, long>());
        var loop = await StartAsync(_others);

        await LooksAsync(_others, 1);

        Assert.Equal(TimeSpan.FromMilliseconds(wait), Assert.Single(WaitsOf(_others)));
        await loop.StopAsync(Cancel);
    }

    [Fact]
    public async Task Run_StoreCannotBeRead_LooksAgainASecondLater()
    {
        _keys.Store.OnListHeld = (dueBy, _) =>
            dueBy == DateTimeOffset.MaxValue ? Nothing : throw new InvalidOperationException("Whatever it is.");
        var loop = await StartAsync(_keys);

        await LooksAsync(_keys, 1);
        Assert.Equal([TimeSpan.FromSeconds(1)], WaitsOf(_keys));
        _keys.Time.Advance(TimeSpan.FromSeconds(1));
        await LooksAsync(_keys, 2);
        await loop.StopAsync(Cancel);
    }

    [Fact]
    public async Task Run_OneCannotBeReleased_ReleasesTheOthersAndTriesItAgainASecondLater()
    {
        foreach (var n in new[] { "a", "b", "c" })
            await _keys.TakeAsync(n, "title", 1);
        _keys.Time.Advance(TimeSpan.FromMinutes(2));
        var release = _keys.Store.OnReleaseHeld;
        _keys.Store.OnReleaseHeld = step => step.Key == "b" ? throw new StoreException("The disk is gone.") : release(step);
        var loop = await StartAsync(_keys);

        await LooksAsync(_keys, 1);
        Assert.Equal(["a", "c"], Released());
        Assert.Equal([TimeSpan.FromSeconds(1)], WaitsOf(_keys));
        _keys.Store.OnReleaseHeld = release;
        _keys.Time.Advance(TimeSpan.FromSeconds(1));
        await LooksAsync(_keys, 2);
        Assert.Equal(["a", "b", "c"], Released());
        await loop.StopAsync(Cancel);
    }

    [Fact]
    public async Task Run_MoreIsDueThanIsAskedForAtOnce_LooksAgainAtOnce()
    {
        HeldKey[] due = [.. Enumerable.Range(0, 100).Select(n => new HeldKey("crm", $"{n}"))];
        var looks = 0;
        _keys.Store.OnListHeld = (dueBy, _) => dueBy == DateTimeOffset.MaxValue || ++looks > 3 ? Nothing : Nothing with { Due = due };
        var loop = await StartAsync(_keys);

        await LooksAsync(_keys, 1);

        Assert.Equal(4, looks);
        await loop.StopAsync(Cancel);
    }

    [Fact]
    public async Task Run_StoreCannotWrite_LooksOnceItCan()
    {
        var writable = new TaskCompletionSource();
        var loop = await StartAsync(_keys, writable.Task);

        await Wait.UntilAsync(() => _keys.Store.WaitForWritable == 1, "the loop to wait for the store");
        Assert.Equal(["crm"], _looks.Select(look => look.NotOf));

        writable.SetResult();
        await LooksAsync(_keys, 1);
        Assert.Equal(["crm", ""], _looks.Select(look => look.NotOf));
        await loop.StopAsync(Cancel);
    }

    [Fact]
    public async Task Stop_WhileAReleaseWaitsForItsTurn_DoesNotWaitForIt()
    {
        await _keys.TakeAsync("7", "title", 1);
        _keys.Time.Advance(TimeSpan.FromMinutes(2));
        await _keys.Coalescer.Turns.TakeAsync("crm", "7", Timeout.InfiniteTimeSpan, Cancel);
        var loop = await StartAsync(_keys);
        await Wait.UntilAsync(() => _looks.Count == 2, "the loop to find it");

        await loop.StopAsync(Cancel).WaitAsync(Wait.DefaultLimit, TimeProvider.System, Cancel);

        Assert.Empty(Released());
        Assert.True(loop.ExecuteTask!.IsCompleted);
    }

    [Fact]
    public async Task Start_HeldOfASourceThatDoesNotCoalesceAnyMore_GoesOutBeforeItReturns()
    {
        await _keys.TakeAsync("7", "title", 1);
        var list = _keys.Store.OnListHeld;

        // The store knows it as another source's.
        _keys.Store.OnListHeld = (dueBy, notOf) => notOf.Count > 0 ? list(dueBy, []) : Nothing;
        _keys.Store.Writable = new TaskCompletionSource().Task;
        var loop = await StartAsync(_keys, _keys.Store.Writable);

        Assert.Equal(["7"], Released());
        Assert.Equal([(DateTimeOffset.MaxValue, "crm"), (DateTimeOffset.MaxValue, "crm")], _looks);
        await loop.StopAsync(Cancel);
    }

    [Fact]
    public async Task Start_WhatIsLeftOverCannotBeReleased_StartsAllTheSame()
    {
        await _keys.TakeAsync("7", "title", 1);
        var list = _keys.Store.OnListHeld;
        _keys.Store.OnListHeld = (dueBy, notOf) => notOf.Count > 0 ? list(dueBy, []) : Nothing;
        _keys.Store.OnReleaseHeld = _ => throw new StoreException("The disk is gone.");

        var loop = await StartAsync(_keys).WaitAsync(Wait.DefaultLimit, TimeProvider.System, Cancel);

        await LooksAsync(_keys, 1);
        await loop.StopAsync(Cancel);
    }

    [Fact]
    public async Task Start_NoSourceCoalesces_LooksOnceForWhatIsLeftOver()
    {
        await using var services = new ServiceCollection().AddLogging().AddRouting().AddHookGateway(Given.Configuration(Given.Whole))
            .AddSingleton<IEventStore>(_keys.Store).BuildServiceProvider();
        using var loop = ActivatorUtilities.CreateInstance<ReleaseLoop>(services);

        await loop.StartAsync(Cancel);

        Assert.Null(loop.ExecuteTask);
    }

    [Fact]
    public async Task Look_HeldEvents_AreGaugedBySource()
    {
        using var counted = new Counted(_keys.Services);
        _keys.Store.OnListHeld = (_, _) => Nothing with { Held = new Dictionary<string, long> { ["crm"] = 3, ["gone"] = 2 } };
        var loop = await StartAsync(_keys);
        await LooksAsync(_keys, 1);

        counted.Read();

        Assert.Equal([2, 3], counted.Of("hookgateway.held").Order());
        await loop.StopAsync(Cancel);
    }

    private static HeldKeys Nothing { get; } = new([], null, new Dictionary<string, long>());

    private IEnumerable<string> Released() =>
        _keys.Steps.Where(step => step.Release is not null).Select(step => step.Key).Order();

    private async Task<ReleaseLoop> StartAsync(CoalescedKeys keys, Task? writable = null)
    {
        var list = keys.Store.OnListHeld;
        keys.Store.OnListHeld = (dueBy, notOf) =>
        {
            _looks.Enqueue((dueBy, string.Join(' ', notOf)));
            return list(dueBy, notOf);
        };
        keys.Store.Writable = writable ?? Task.CompletedTask;
        var loop = ActivatorUtilities.CreateInstance<ReleaseLoop>(keys.Services);
        _waitsBefore = keys.Time.Waits.Count;
        await loop.StartAsync(Cancel);
        return loop;
    }

    /// <summary>Waits until it has looked so often, done what it found, and waits.</summary>
    private Task LooksAsync(CoalescedKeys keys, int looks) =>
        Wait.UntilAsync(() => WaitsOf(keys).Count == looks, $"look {looks} to be done");

    /// <summary>How long it waited each time.</summary>
    private List<TimeSpan> WaitsOf(CoalescedKeys keys) => [.. keys.Time.Waits.Skip(_waitsBefore)];
}
