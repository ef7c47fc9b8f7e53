internal import GRDB

/// The tables of a node, as a list of steps that only ever grows.
enum NodeSchema {
    static var migrator: DatabaseMigrator {
        var migrator = DatabaseMigrator()
        migrator.registerMigration("1 events, plans, ledger, updates, reports") { database in
            try database.execute(sql: events + plans + ledger + updates + reports)
        }
        migrator.registerMigration("2 new items") { database in try database.execute(sql: newItems) }
        migrator.registerMigration("3 ledger chain, participation") { database in
            try database.execute(sql: dropLedgerTriggers + ledgerHash)
            try SQLiteNodeStorage.chainLines(in: database)
            try database.execute(sql: ledgerTriggers + participation)
        }
        migrator.registerMigration("4 secure aggregation") { database in try database.execute(sql: aggregation) }
        return migrator
    }

    /// Users in order of first appearance are users in order of id. Nothing here names a person: `user.hash` is keyed.
    private static let events = """
        CREATE TABLE user (id INTEGER PRIMARY KEY, hash BLOB NOT NULL UNIQUE CHECK (length(hash) = 32)) STRICT;
        CREATE TABLE item (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE) STRICT;
        CREATE TABLE event (
            id INTEGER PRIMARY KEY,
            user INTEGER NOT NULL REFERENCES user (id),
            item INTEGER NOT NULL REFERENCES item (id),
            time INTEGER
        ) STRICT;
        CREATE INDEX eventByUser ON event (user, time);
        CREATE INDEX eventByItem ON event (item);
        CREATE TABLE importedFile (digest BLOB PRIMARY KEY, name TEXT NOT NULL, events INTEGER NOT NULL) STRICT;
        CREATE TABLE eventVersion (id INTEGER PRIMARY KEY CHECK (id = 1), value INTEGER NOT NULL) STRICT;
        INSERT INTO eventVersion VALUES (1, 0);

        """

    private static let plans = """
        CREATE TABLE membership (
            plan BLOB NOT NULL UNIQUE, encoded BLOB NOT NULL, enrolledUsers INTEGER NOT NULL,
            state TEXT NOT NULL CHECK (state IN ('joined', 'refused', 'ended')), reason TEXT,
            sequence INTEGER PRIMARY KEY
        ) STRICT;
        CREATE TABLE servedModel (
            id INTEGER PRIMARY KEY CHECK (id = 1), plan BLOB NOT NULL, round INTEGER NOT NULL, digest BLOB NOT NULL,
            byteCount INTEGER NOT NULL
        ) STRICT;

        """

    /// A line is never changed nor removed: an entry's state is its latest line, and the triggers hold even for whoever
    /// opens the file by hand.
    private static let ledger = """
        CREATE TABLE ledger (
            line INTEGER PRIMARY KEY, entry INTEGER NOT NULL,
            state TEXT NOT NULL CHECK (state IN ('reserved', 'sent', 'cancelled')),
            plan TEXT NOT NULL, round INTEGER NOT NULL,
            noiseMultiplier REAL NOT NULL, samplingRate REAL NOT NULL, count INTEGER NOT NULL,
            gridStandardDeviation REAL NOT NULL, dimension INTEGER NOT NULL, time INTEGER NOT NULL
        ) STRICT;
        CREATE UNIQUE INDEX ledgerEntry ON ledger (entry, state);

        """ + ledgerTriggers

    private static let ledgerTriggers = """
        CREATE TRIGGER ledgerKeepsLines BEFORE DELETE ON ledger BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;
        CREATE TRIGGER ledgerFixesLines BEFORE UPDATE ON ledger BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;

        """

    /// Only while lines that an older program wrote get their hashes.
    private static let dropLedgerTriggers = "DROP TRIGGER ledgerKeepsLines; DROP TRIGGER ledgerFixesLines;\n"

    private static let ledgerHash = "ALTER TABLE ledger ADD COLUMN hash BLOB CHECK (hash IS NULL OR length(hash) = 32);\n"

    /// The first entry that each user took part in. Who was there when an older program wrote entries counts from the first one.
    private static let participation = """
        CREATE TABLE participation (
            user INTEGER PRIMARY KEY REFERENCES user (id) ON DELETE CASCADE, firstEntry INTEGER NOT NULL
        ) STRICT;
        CREATE INDEX participationByEntry ON participation (firstEntry);
        INSERT INTO participation SELECT id, 1 FROM user WHERE EXISTS (SELECT TRUE FROM ledger);

        """

    private static let updates = """
        CREATE TABLE finishedUpdate (
            digest BLOB PRIMARY KEY, plan BLOB NOT NULL, round INTEGER NOT NULL, baseModel BLOB NOT NULL,
            byteCount INTEGER NOT NULL, reservation INTEGER,
            lossSum REAL, targetCount INTEGER, hitsAt10 REAL, ndcgAt10 REAL, evaluatedUsers INTEGER,
            state TEXT NOT NULL, time INTEGER,
            UNIQUE (plan, round)
        ) STRICT;

        """

    private static let reports = """
        CREATE TABLE report (
            sequence INTEGER PRIMARY KEY, plan BLOB NOT NULL, scorer TEXT NOT NULL, round INTEGER NOT NULL, digest BLOB, byteCount INTEGER,
            users INTEGER NOT NULL, hitsAt10 REAL NOT NULL, ndcgAt10 REAL NOT NULL, reciprocalRank REAL NOT NULL, time INTEGER NOT NULL,
            UNIQUE (plan, scorer, round)
        ) STRICT;

        """

    private static let aggregation = """
        CREATE TABLE aggregation (
            plan BLOB NOT NULL, round INTEGER NOT NULL, session BLOB NOT NULL, reservation INTEGER, survivors BLOB, time INTEGER NOT NULL,
            PRIMARY KEY (plan, round)
        ) STRICT, WITHOUT ROWID;
        CREATE TRIGGER aggregationDecidesOnce BEFORE UPDATE ON aggregation WHEN OLD.survivors IS NOT NULL AND NEW.survivors IS NOT OLD.survivors
        BEGIN SELECT RAISE(ABORT, 'shares are revealed for one set of survivors only'); END;
        CREATE TABLE aggregationPin (node TEXT PRIMARY KEY, key BLOB NOT NULL CHECK (length(key) = 32)) STRICT;

        """

    private static let newItems = """
        CREATE TABLE newItems (id INTEGER PRIMARY KEY CHECK (id = 1), digest BLOB NOT NULL, catalog BLOB NOT NULL) STRICT;

        """
}
