using HookGateway.Store;

namespace HookGateway.Storage.Redis.Link;

/// <summary>What the primaries promise, as it was seen.</summary>
/// <param name="Condition">Held against what the configuration asks for.</param>
/// <param name="Replicas">How many replicas must have what is written: of all primaries the least.</param>
/// <param name="AreTwo">Whether two say they are the primary of the same events.</param>
internal sealed record SeenPromises(StoreCondition Condition, int Replicas, bool AreTwo = false);
