namespace HookGateway.Storage.Redis.Format;

/// <summary>Where an owed delivery stands.</summary>
internal enum Standing
{
    /// <summary>Due, now or later.</summary>
    Due = 0,

    /// <summary>A gateway has it.</summary>
    Leased = 1,

    /// <summary>It waits for an earlier one of its order to end.</summary>
    Waiting = 2,
}
