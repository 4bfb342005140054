using HookGateway.Events;

namespace HookGateway.Store;

/// <summary>How an event's state follows from its deliveries; the same in every engine.</summary>
public static class EventStanding
{
    /// <summary>The state of an event.</summary>
    /// <param name="disposition">How routing ended: counts only where nothing is or was owed.</param>
    /// <param name="deliveries">The states of all its deliveries.</param>
    public static EventState Of(Disposition disposition, IEnumerable<DeliveryState> deliveries)
    {
        if (disposition is Disposition.Held or Disposition.Superseded)
            return disposition == Disposition.Held ? EventState.Held : EventState.Superseded;

        var any = false;
        var worst = EventState.Delivered;
        foreach (var state in deliveries)
        {
            any = true;
            worst = (worst, state) switch
            {
                (_, DeliveryState.Dead) => EventState.Dead,
                (EventState.Dead, _) => EventState.Dead,
                (_, DeliveryState.Retrying) => EventState.Failing,
                (EventState.Failing, _) => EventState.Failing,
                (_, DeliveryState.Pending) => EventState.Accepted,
                _ => worst,
            };
        }

        return any ? worst : disposition switch
        {
            Disposition.Unrouted => EventState.Unrouted,
            Disposition.Filtered => EventState.Filtered,
            _ => EventState.Delivered,
        };
    }
}
