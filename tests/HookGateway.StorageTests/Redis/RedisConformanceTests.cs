using HookGateway.StorageTests.Conformance;

namespace HookGateway.StorageTests.Redis;

public sealed class RedisAcceptingTests() : AcceptingConformance(new RedisEngine());

public sealed class RedisDedupingTests() : DedupingConformance(new RedisEngine());

public sealed class RedisLeasingTests() : LeasingConformance(new RedisEngine());

public sealed class RedisSettlingTests() : SettlingConformance(new RedisEngine());

public sealed class RedisOrderingTests() : OrderingConformance(new RedisEngine());

public sealed class RedisCountingTests() : CountingConformance(new RedisEngine());

public sealed class RedisFindingTests() : FindingConformance(new RedisEngine());

public sealed class RedisReplayingTests() : ReplayingConformance(new RedisEngine());

public sealed class RedisStateTests() : StateConformance(new RedisEngine());

public sealed class RedisPausingTests() : PausingConformance(new RedisEngine());

public sealed class RedisCoalescingTests() : CoalescingConformance(new RedisEngine());

public sealed class RedisListingTests() : ListingConformance(new RedisEngine());

public sealed class RedisKeyedTests() : KeyedConformance(new RedisEngine());

public sealed class RedisRetainingTests() : RetainingConformance(new RedisEngine());

public sealed class RedisAuditingTests() : AuditingConformance(new RedisEngine());

public sealed class RedisBulkReplayingTests() : BulkReplayingConformance(new RedisEngine());

public sealed class RedisRandomTests() : RandomConformance(new RedisEngine())
{
    // A repeat about another key is another event (decision 10).
    protected override int AboutOf(int number) => number % 6;
}
