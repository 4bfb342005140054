using HookGateway.Events;
using HookGateway.Storage.Sqlite;
using HookGateway.Storage.Sqlite.Files;
using HookGateway.Storage.Sqlite.Journal;
using HookGateway.Storage.Sqlite.Memory;
using HookGateway.Storage.Sqlite.Writing;
using HookGateway.Store;
using HookGateway.Testing;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace HookGateway.StorageTests.Sqlite;

/// <summary>Dedupe marks lie outside the garbage collector's memory: who holds them gives it back.</summary>
public sealed class StoreWriterTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();
    private readonly StoreMemory _memory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task Dispose_OfAnOpenStore_GivesTheMemoryOfItsMarksBack()
    {
        var writer = Writer(Path.Combine(_directory.Path, "events.db"));
        writer.Open();
        Assert.False(HasMark());

        await writer.DisposeAsync();

        Assert.Throws<ObjectDisposedException>(() => HasMark());
    }

    [Fact]
    public void Open_OfAFileThatCannotBeOpened_GivesTheMemoryOfItsMarksBack()
    {
        var writer = Writer(Directory.CreateDirectory(Path.Combine(_directory.Path, "folder")).FullName);

        Assert.Throws<StoreException>(writer.Open);

        Assert.Throws<ObjectDisposedException>(() => HasMark());
    }

    private bool HasMark() => _memory.Dedupe.TryFind(new DedupeKey(7), now: 0, out _);

    private StoreWriter Writer(string path)
    {
        var file = new StoreFile(path);
        return new StoreWriter(
            new SqliteStoreOptions { Path = path }, file, new JournalSegments(path), _memory, SteadyTimeProvider.Of(TimeProvider.System),
            NullLogger<SqliteEventStore>.Instance);
    }
}
