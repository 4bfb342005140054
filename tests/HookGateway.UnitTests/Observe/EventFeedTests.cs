using HookGateway.Events;
using HookGateway.Observe;
using HookGateway.Store;
using HookGateway.UnitTests.Deliver;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace HookGateway.UnitTests.Observe;

public sealed class EventFeedTests
{
    private readonly EventFeed _feed = new(new FakeTimeProvider());

    [Fact]
    public void Accepted_SlowListener_LosesAndIsToldHowManyWhileAnotherHasAll()
    {
        using var slow = _feed.Listen(new EventFilter())!;
        using var quick = _feed.Listen(new EventFilter())!;
        var taken = 0;
        for (var i = 0; i < FeedListener.MostWaiting + 7; i++)
        {
            Accept();
            taken += quick.TryTake(out _) ? 1 : 0;
        }

        Assert.Equal((7, 0), (slow.TakeSkipped(), slow.TakeSkipped()));
        Assert.Equal((FeedListener.MostWaiting, FeedListener.MostWaiting + 7, 0), (Count(slow), taken, quick.TakeSkipped()));
    }

    [Fact]
    public void Listen_MoreThanMay_IsRefusedUntilOneLeaves()
    {
        var first = _feed.Listen(new EventFilter())!;
        for (var i = 1; i < EventFeed.MostListeners; i++)
            Assert.NotNull(_feed.Listen(new EventFilter()));

        Assert.Null(_feed.Listen(new EventFilter()));
        first.Dispose();
        Assert.NotNull(_feed.Listen(new EventFilter()));
        Accept();
        Assert.Equal(0, Count(first));
    }

    public static TheoryData<EventFilter, int> Filters => new()
    {
        { new EventFilter(), 2 },
        { new EventFilter { Source = "s", Event = "sr.*", Destination = "d" }, 2 },
        { new EventFilter { Source = "other" }, 0 },
        { new EventFilter { Event = "sr.updated" }, 0 },
        { new EventFilter { Key = "1" }, 0 },
        { new EventFilter { Destination = "e" }, 1 },
        { new EventFilter { Destination = "f" }, 0 },
        { new EventFilter { State = EventState.Accepted }, 1 },
        { new EventFilter { State = EventState.Dead }, 1 },
        { new EventFilter { State = EventState.Delivered }, 0 },
    };

    [Theory]
    [MemberData(nameof(Filters))]
    public void Listen_Filter_HearsWhatMeetsIt(EventFilter filter, int expected)
    {
        using var listener = _feed.Listen(filter)!;

        Accept("d", "e");
        _feed.Settled(Dead(new DeliveryAttempt { Number = 1, StartedAt = default, Duration = default }));

        Assert.Equal(expected, Count(listener));
    }

    [Fact]
    public void Settled_GivenBackUnused_IsNotTold()
    {
        using var listener = _feed.Listen(new EventFilter())!;

        _feed.Settled(Dead(attempt: null));

        Assert.Equal(0, Count(listener));
    }

    private static Settlement Dead(DeliveryAttempt? attempt) =>
        new() { Delivery = LaneTests.NewDelivery(), Attempt = attempt, State = DeliveryState.Dead };

    private void Accept(params string[] to) => _feed.Accepted(
        LaneTests.NewDelivery().Event, to.Length == 0 ? Disposition.Unrouted : Disposition.Routed, to);

    private static int Count(FeedListener listener)
    {
        var count = 0;
        while (listener.TryTake(out _))
            count++;

        return count;
    }
}
