using HookGateway.StorageTests.Conformance;

namespace HookGateway.StorageTests.Redis;

public sealed class ReplicatedAcceptingTests() : AcceptingConformance(RedisEngine.OfReplicated());

public sealed class ReplicatedDedupingTests() : DedupingConformance(RedisEngine.OfReplicated());

public sealed class ReplicatedSettlingTests() : SettlingConformance(RedisEngine.OfReplicated());

public sealed class ReplicatedOrderingTests() : OrderingConformance(RedisEngine.OfReplicated());

public sealed class ReplicatedCoalescingTests() : CoalescingConformance(RedisEngine.OfReplicated());
