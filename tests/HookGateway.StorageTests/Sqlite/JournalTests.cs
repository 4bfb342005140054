using System.Text;
using HookGateway.Storage.Sqlite.Journal;
using HookGateway.Store;
using Xunit;

namespace HookGateway.StorageTests.Sqlite;

/// <summary>The journal's files: what was written is found again, and nothing else is.</summary>
public sealed class JournalTests : SqliteStoreTest
{
    private JournalSegments Segments => new(Path.Combine(Path.GetDirectoryName(Options.Path)!, "other.db"));

    [Fact]
    public void ReadFrom_GroupsWritten_GivesEveryRecordInOrder()
    {
        using var journal = new JournalWriter(Segments, JournalSegments.First);
        Write(journal, "a", "bb");
        Write(journal, new string('c', 3_000_000));
        Write(journal, "d");

        Assert.Equal(["a", "bb", new string('c', 3_000_000), "d"], Read(JournalSegments.First));
    }

    [Fact]
    public void Write_ManyFilesLong_IsFoundFromAnyPlaceOn()
    {
        var places = new List<JournalPlace>();
        using (var journal = new JournalWriter(Segments, JournalSegments.First))
        {
            for (var i = 0; i < 100; i++)
                places.Add(Write(journal, i + new string('x', 100_000)));
        }

        Assert.True(places[^1].Segment > 2);
        Assert.Equal(100, Read(places[0]).Count);
        Assert.Equal(30, Read(places[70]).Count);
        Assert.Equal(places, places.OrderBy(place => place.Value));
    }

    [Fact]
    public void Write_AfterAGroupThatFailed_LeavesNothingOfIt()
    {
        using var journal = new JournalWriter(Segments, JournalSegments.First);
        Write(journal, "first");
        var end = journal.At;
        Write(journal, "told to nobody", "nor this", "nor that");

        // As after a sync that failed: the journal goes on where it was, and a crash follows.
        using var again = new JournalWriter(Segments, end);
        Write(again, "told to one....");

        Assert.Equal(["first", "told to one...."], Read(JournalSegments.First));
    }

    [Theory]
    [InlineData(5)]
    [InlineData(1_100_000)]
    public void Write_SyncFails_ShowsNothingOfTheGroup(int length)
    {
        var fails = false;
        using var journal = new JournalWriter(Segments, JournalSegments.First, _ =>
        {
            if (fails)
                throw new IOException("fdatasync: Input/output error");
        });
        Write(journal, "first");
        fails = true;
        Assert.Throws<IOException>(() => Write(journal, new string('x', length), "nor this"));
        Assert.Equal(["first"], Read(JournalSegments.First));
        fails = false;
        Write(journal, "told to one");

        Assert.Equal(["first", "told to one"], Read(JournalSegments.First));
    }

    [Fact]
    public void Write_NextFileAfterAGroupThatFailed_LeavesNothingOfIt()
    {
        using var journal = new JournalWriter(Segments, JournalSegments.First);
        Write(journal, "first");
        var end = journal.At;
        Write(journal, "told to nobody");

        using var again = new JournalWriter(Segments, end);
        Write(again, new string('x', 1_100_000));

        Assert.Equal(["first", new string('x', 1_100_000)], Read(JournalSegments.First));
    }

    [Fact]
    public async Task Find_BodyHasRotted_SaysThatTheStoreIsDamaged()
    {
        var accepted = await AcceptAsync(Request(bodySize: 5_000));
        var other = await AcceptAsync(Request("other", bodySize: 5_000));
        using (var file = File.Open(Directory.GetFiles(Options.Path + "-events").Single(), FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite))
        {
            file.Position = 3_000;
            file.WriteByte((byte)'?');
        }

        var damaged = await Assert.ThrowsAsync<StoreException>(async () => await Store.FindAsync(accepted.Event.Id, Cancel));

        Assert.Contains("damaged", damaged.Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<StoreException>(() => Store.AuditAsync(Cancel));
        Assert.NotNull(await Store.FindAsync(other.Event.Id, Cancel));
    }

    private static JournalPlace Write(JournalWriter journal, params string[] records)
    {
        journal.Begin();
        foreach (var text in records)
        {
            journal.BeginRecord(out var record);
            record.Write(Encoding.UTF8.GetBytes(text));
        }

        try
        {
            var place = journal.Append();
            journal.Sync();
            return place;
        }
        catch (IOException)
        {
            journal.Discard();
            throw;
        }
    }

    private List<string> Read(JournalPlace from) => [.. Segments.ReadFrom(from).Select(r => Encoding.UTF8.GetString(r.Payload))];
}
