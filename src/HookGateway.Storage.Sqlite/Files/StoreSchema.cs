using HookGateway.Store;
using Microsoft.Data.Sqlite;

namespace HookGateway.Storage.Sqlite.Files;

/// <summary>The tables, as a list of steps: a file's <c>user_version</c> says how many it has been through.</summary>
internal static class StoreSchema
{
    /// <summary>"HkGw": tells the gateway's files from other people's.</summary>
    public const int ApplicationId = 0x486B4777;

    // Why the tables look as they do: docs/decisions/0002-sqlite-layout.md.
    public static readonly IReadOnlyList<string> Migrations =
    [
        """
        CREATE TABLE meta(
          id INTEGER PRIMARY KEY CHECK (id = 1),
          epoch INTEGER NOT NULL,
          fresh_from INTEGER NOT NULL,
          last_seq INTEGER NOT NULL,
          last_id BLOB NOT NULL) STRICT;
        INSERT INTO meta VALUES (1, 0, 0, 0, zeroblob(16));

        CREATE TABLE names(
          id INTEGER PRIMARY KEY,
          kind INTEGER NOT NULL,
          text TEXT NOT NULL,
          UNIQUE (kind, text)) STRICT;

        CREATE TABLE events(
          seq INTEGER PRIMARY KEY,
          id BLOB NOT NULL,
          source INTEGER NOT NULL,
          name TEXT NOT NULL,
          source_id TEXT,
          key TEXT,
          received_ms INTEGER NOT NULL,
          content_type TEXT,
          trace BLOB NOT NULL,
          disposition INTEGER NOT NULL,
          owed INTEGER NOT NULL,
          body BLOB NOT NULL) STRICT;

        CREATE TABLE deliveries(
          row INTEGER PRIMARY KEY,
          destination INTEGER NOT NULL,
          state INTEGER NOT NULL,
          attempts INTEGER NOT NULL,
          due_ms INTEGER,
          started_ms INTEGER,
          duration_us INTEGER,
          status INTEGER,
          error INTEGER,
          detail TEXT) STRICT;
        CREATE INDEX deliveries_due ON deliveries(destination, due_ms) WHERE due_ms IS NOT NULL;
        CREATE INDEX deliveries_owed ON deliveries(destination) WHERE due_ms IS NOT NULL;
        CREATE INDEX deliveries_dead ON deliveries(destination, state) WHERE state = 3;

        CREATE TABLE attempts(
          delivery INTEGER NOT NULL,
          number INTEGER NOT NULL,
          started_ms INTEGER NOT NULL,
          duration_us INTEGER NOT NULL,
          status INTEGER,
          error INTEGER NOT NULL,
          detail TEXT,
          PRIMARY KEY (delivery, number)) STRICT, WITHOUT ROWID;

        CREATE TABLE marks(
          expires_ms INTEGER NOT NULL,
          first_seq INTEGER NOT NULL,
          marks BLOB NOT NULL,
          PRIMARY KEY (expires_ms, first_seq)) STRICT, WITHOUT ROWID;
        """,
        """
        ALTER TABLE events ADD COLUMN headers TEXT;
        ALTER TABLE deliveries ADD COLUMN answer TEXT;
        ALTER TABLE attempts ADD COLUMN answer TEXT;
        """,
        """
        ALTER TABLE deliveries ADD COLUMN replay INTEGER;
        ALTER TABLE deliveries ADD COLUMN replay_trace BLOB;

        CREATE TABLE paused(
          destination INTEGER PRIMARY KEY,
          since_ms INTEGER NOT NULL) STRICT;

        CREATE TABLE source_books(
          source INTEGER PRIMARY KEY,
          accepted INTEGER NOT NULL,
          routed INTEGER NOT NULL,
          unrouted INTEGER NOT NULL,
          filtered INTEGER NOT NULL,
          purged INTEGER NOT NULL) STRICT;
        INSERT INTO source_books
          SELECT source, count(*), sum(disposition = 0), sum(disposition = 1), sum(disposition = 2), 0 FROM events GROUP BY 1;

        CREATE TABLE destination_books(
          destination INTEGER PRIMARY KEY,
          owed INTEGER NOT NULL,
          pending INTEGER NOT NULL,
          delivered INTEGER NOT NULL,
          dead INTEGER NOT NULL,
          purged INTEGER NOT NULL) STRICT;
        INSERT INTO destination_books
          SELECT destination, count(*), sum(state < 2), sum(state = 2), sum(state = 3), 0 FROM deliveries GROUP BY 1;
        """,
        """
        CREATE TABLE ordered(
          destination INTEGER NOT NULL,
          source INTEGER NOT NULL,
          key TEXT NOT NULL,
          row INTEGER NOT NULL,
          PRIMARY KEY (destination, source, key, row)) STRICT, WITHOUT ROWID;
        CREATE UNIQUE INDEX ordered_row ON ordered(row);
        """,
        """
        ALTER TABLE deliveries ADD COLUMN bulk INTEGER;
        DROP INDEX deliveries_due;
        CREATE INDEX deliveries_due ON deliveries(destination, due_ms) WHERE due_ms IS NOT NULL AND bulk IS NULL;
        CREATE INDEX deliveries_due_bulk ON deliveries(destination, due_ms) WHERE due_ms IS NOT NULL AND bulk IS NOT NULL;

        CREATE TABLE replays(
          id INTEGER PRIMARY KEY,
          request TEXT NOT NULL,
          state INTEGER NOT NULL,
          reason TEXT,
          created_ms INTEGER NOT NULL,
          ended_ms INTEGER,
          first INTEGER NOT NULL,
          cursor INTEGER NOT NULL,
          until INTEGER NOT NULL,
          matched INTEGER NOT NULL,
          skipped INTEGER NOT NULL,
          made INTEGER NOT NULL,
          delivered INTEGER NOT NULL,
          dead INTEGER NOT NULL) STRICT;
        """,
        """
        ALTER TABLE meta ADD COLUMN journal_at INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE events ADD COLUMN at INTEGER;
        ALTER TABLE events ADD COLUMN size INTEGER;
        CREATE TABLE segments(
          number INTEGER PRIMARY KEY,
          first_seq INTEGER NOT NULL,
          first_ms INTEGER NOT NULL,
          freed_ms INTEGER) STRICT;
        """,
        """
        ALTER TABLE events ADD COLUMN origin INTEGER;
        ALTER TABLE source_books ADD COLUMN superseded INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE source_books ADD COLUMN held INTEGER NOT NULL DEFAULT 0;

        CREATE TABLE coalesced(
          id INTEGER PRIMARY KEY,
          source INTEGER NOT NULL,
          key TEXT NOT NULL,
          version INTEGER NOT NULL,
          release_ms INTEGER,
          forget_ms INTEGER NOT NULL,
          events BLOB NOT NULL,
          state BLOB NOT NULL,
          UNIQUE (source, key)) STRICT;
        CREATE INDEX coalesced_release ON coalesced(release_ms) WHERE release_ms IS NOT NULL;
        CREATE INDEX coalesced_forget ON coalesced(forget_ms) WHERE release_ms IS NULL;

        CREATE TABLE superseded(
          seq INTEGER PRIMARY KEY,
          successor INTEGER NOT NULL) STRICT;
        CREATE INDEX superseded_successor ON superseded(successor);

        CREATE TABLE kept(
          seq INTEGER PRIMARY KEY,
          until_ms INTEGER NOT NULL) STRICT;
        """,
        """
        CREATE TABLE states(
          name TEXT PRIMARY KEY,
          version INTEGER NOT NULL,
          value BLOB NOT NULL) STRICT, WITHOUT ROWID;
        """,
    ];

    /// <summary>Looks whether a file is one of the gateway's that this version can use, and changes nothing.</summary>
    /// <exception cref="StoreException">It is not the gateway's, or from a newer version.</exception>
    public static void Check(SqliteConnection connection)
    {
        var version = connection.Scalar("PRAGMA user_version");
        var tables = connection.Scalar("SELECT count(*) FROM sqlite_schema");
        if (tables > 0 && connection.Scalar("PRAGMA application_id") != ApplicationId)
        {
            throw new StoreException(
                $"{connection.DataSource} is a SQLite database, but not one of HookGateway's: set storage.path to another file.");
        }

        if (version > Migrations.Count)
        {
            throw new StoreException(
                $"{connection.DataSource} was written by a newer version of HookGateway (schema {version}; this one knows up to "
                + $"{Migrations.Count}): run that version, or set storage.path to another file.");
        }
    }

    /// <summary>Brings a file up to the newest version, each step in a transaction of its own.</summary>
    public static void Migrate(SqliteConnection connection, IReadOnlyList<string> migrations)
    {
        for (var version = connection.Scalar("PRAGMA user_version"); version < migrations.Count; version++)
        {
            using var transaction = connection.BeginTransaction();
            using var command = connection.CreateCommand();
            command.Transaction = transaction;
#pragma warning disable CA2100 // The steps above, and nothing that came from outside.
            command.CommandText =
                $"{migrations[(int)version]}; PRAGMA application_id = {ApplicationId}; PRAGMA user_version = {version + 1};";
#pragma warning restore CA2100
            command.ExecuteNonQuery();
            transaction.Commit();
        }
    }
}
