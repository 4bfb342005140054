using HookGateway.Storage.Sqlite;
using HookGateway.StorageTests.Conformance;
using HookGateway.Store;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace HookGateway.StorageTests.Sqlite;

/// <summary>The machine loses power: the next gateway has what was on the disk right before or after a commit.</summary>
public sealed class SqliteCoalescePropertyTests(ITestOutputHelper output) : CoalescePropertyTests(output), IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("hookgateway-");
    private Action? _beforeCommit;
    private Action? _afterCommit;
    private int _crashes;

    public void Dispose() => _directory.Delete(recursive: true);

    protected override IEventStore Create(TimeProvider time) => new SqliteEventStore(
        new SqliteStoreOptions
        {
            Path = PathAfter(_crashes),
            BeforeCommit = () => _beforeCommit?.Invoke(),
            AfterCommit = () => _afterCommit?.Invoke(),
        },
        time,
        NullLogger<SqliteEventStore>.Instance);

    private protected override async Task CrashAsync(CoalescedGateway gateway, Func<Task> meanwhile, Random random)
    {
        var (from, to, copied) = (PathAfter(_crashes), PathAfter(++_crashes), false);
        if (random.Next(2) == 0)
            _beforeCommit = Copy;
        else
            _afterCommit = Copy;

        await meanwhile();
        await ((SqliteEventStore)gateway.Store).OnWriterAsync(_ =>
        {
            Copy();
            return true;
        });
        (_beforeCommit, _afterCommit) = (null, null);
        await gateway.DisposeAsync();

        void Copy()
        {
            if (copied)
                return;

            copied = true;
            Directory.CreateDirectory(to + "-events");
            foreach (var file in Directory.GetFiles(from + "-events", "*.log"))
                File.Copy(file, Path.Combine(to + "-events", Path.GetFileName(file)));

            foreach (var suffix in new[] { "", "-wal" }.Where(suffix => File.Exists(from + suffix)))
                File.Copy(from + suffix, to + suffix);
        }
    }

    private string PathAfter(int crashes) => Path.Combine(_directory.FullName, $"{crashes}", "events.db");
}
