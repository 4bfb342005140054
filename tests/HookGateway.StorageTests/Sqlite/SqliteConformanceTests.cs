using HookGateway.StorageTests.Conformance;

namespace HookGateway.StorageTests.Sqlite;

public sealed class SqliteAcceptingTests() : AcceptingConformance(new SqliteEngine());

public sealed class SqliteDedupingTests() : DedupingConformance(new SqliteEngine());

public sealed class SqliteLeasingTests() : LeasingConformance(new SqliteEngine());

public sealed class SqliteSettlingTests() : SettlingConformance(new SqliteEngine());

public sealed class SqliteOrderingTests() : OrderingConformance(new SqliteEngine());

public sealed class SqliteCountingTests() : CountingConformance(new SqliteEngine());

public sealed class SqliteFindingTests() : FindingConformance(new SqliteEngine());

public sealed class SqliteRetainingTests() : RetainingConformance(new SqliteEngine());

public sealed class SqliteListingTests() : ListingConformance(new SqliteEngine());

public sealed class SqliteReplayingTests() : ReplayingConformance(new SqliteEngine());

public sealed class SqliteBulkReplayingTests() : BulkReplayingConformance(new SqliteEngine());

public sealed class SqliteStateTests() : StateConformance(new SqliteEngine());

public sealed class SqliteKeyedTests() : KeyedConformance(new SqliteEngine());

public sealed class SqlitePausingTests() : PausingConformance(new SqliteEngine());

public sealed class SqliteAuditingTests() : AuditingConformance(new SqliteEngine());

public sealed class SqliteCoalescingTests() : CoalescingConformance(new SqliteEngine());

public sealed class SqliteRandomTests() : RandomConformance(new SqliteEngine());
