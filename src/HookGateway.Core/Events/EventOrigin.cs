namespace HookGateway.Events;

/// <summary>Who made an event.</summary>
public enum EventOrigin
{
    /// <summary>Its sender: it is as it was received.</summary>
    Sender = 0,

    /// <summary>The gateway, of events of one key that it had held.</summary>
    Coalesce = 1,

    /// <summary>The gateway, of a change that it found in the sender's API and of which no webhook had come.</summary>
    Reconcile = 2,
}
