using HookGateway.StorageTests.Conformance;

namespace HookGateway.StorageTests.Redis;

public sealed class ClusterAcceptingTests() : AcceptingConformance(new RedisEngine(inCluster: true));

public sealed class ClusterDedupingTests() : DedupingConformance(new RedisEngine(inCluster: true));

public sealed class ClusterLeasingTests() : LeasingConformance(new RedisEngine(inCluster: true));

public sealed class ClusterSettlingTests() : SettlingConformance(new RedisEngine(inCluster: true));

public sealed class ClusterOrderingTests() : OrderingConformance(new RedisEngine(inCluster: true));

public sealed class ClusterCountingTests() : CountingConformance(new RedisEngine(inCluster: true));

public sealed class ClusterFindingTests() : FindingConformance(new RedisEngine(inCluster: true));

public sealed class ClusterReplayingTests() : ReplayingConformance(new RedisEngine(inCluster: true));

public sealed class ClusterStateTests() : StateConformance(new RedisEngine(inCluster: true));

public sealed class ClusterPausingTests() : PausingConformance(new RedisEngine(inCluster: true));

public sealed class ClusterCoalescingTests() : CoalescingConformance(new RedisEngine(inCluster: true));
