import GRDB

/// The coordinator's tables. A migration that was shipped is frozen: changes are new migrations.
///
/// Times are milliseconds since 1970 in UTC, digests are lower-case hexadecimal text, so that an operator can read the file
/// with the `sqlite3` shell.
enum CoordinatorSchema {
    static var migrator: DatabaseMigrator {
        var migrator = DatabaseMigrator()
        migrator.registerMigration("1 plans, rounds, models, identity") { database in
            try database.execute(sql: first)
        }
        migrator.registerMigration("2 ledger heads") { database in try database.execute(sql: ledgerHeads) }
        migrator.registerMigration("3 aggregation keys") { database in try database.execute(sql: aggregationKeys) }
        return migrator
    }

    /// The furthest head of each node's ledger; the trigger keeps it from being moved back.
    private static let ledgerHeads = """
        CREATE TABLE ledger_heads (
            node TEXT NOT NULL PRIMARY KEY,
            lines INTEGER NOT NULL CHECK (lines >= 1),
            hash TEXT NOT NULL CHECK (length(hash) = 64),
            seen_at INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;
        CREATE TRIGGER ledger_heads_move_forward BEFORE UPDATE ON ledger_heads WHEN NEW.lines <= OLD.lines
        BEGIN SELECT RAISE(ABORT, 'the head of a ledger moves forward only'); END;
        """

    /// A node's number is never given to another one.
    private static let aggregationKeys = """
        CREATE TABLE aggregation_keys (
            number INTEGER PRIMARY KEY AUTOINCREMENT,
            node TEXT NOT NULL UNIQUE,
            organisation TEXT NOT NULL,
            key BLOB NOT NULL CHECK (length(key) = 32)
        ) STRICT;

        CREATE TABLE plan_rosters (
            plan TEXT NOT NULL PRIMARY KEY REFERENCES plans (digest),
            roster TEXT NOT NULL CHECK (length(roster) = 64)
        ) STRICT, WITHOUT ROWID;
        """

    private static let first = """
        CREATE TABLE incarnations (
            number INTEGER PRIMARY KEY AUTOINCREMENT
        );

        CREATE TABLE plans (
            digest TEXT NOT NULL PRIMARY KEY CHECK (length(digest) = 64),
            encoded BLOB NOT NULL,
            state TEXT NOT NULL CHECK (state IN ('requested', 'running', 'stopping', 'finished', 'stopped', 'failed')),
            reason TEXT CHECK ((reason IS NULL) = (state <> 'failed')),
            requested_at INTEGER NOT NULL,
            changed_at INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;
        -- Only one plan runs at a time, whatever a program does.
        CREATE UNIQUE INDEX one_active_plan ON plans ((1)) WHERE state IN ('requested', 'running', 'stopping');

        CREATE TABLE joins (
            plan TEXT NOT NULL REFERENCES plans (digest),
            node TEXT NOT NULL,
            enrolled_users INTEGER NOT NULL CHECK (enrolled_users >= 0),
            joined_at INTEGER NOT NULL,
            withdrawal TEXT,
            PRIMARY KEY (plan, node)
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE rounds (
            plan TEXT NOT NULL REFERENCES plans (digest),
            round INTEGER NOT NULL CHECK (round >= 1),
            base_round INTEGER NOT NULL,
            base_model TEXT NOT NULL,
            base_bytes INTEGER NOT NULL,
            opened_at INTEGER NOT NULL,
            deadline INTEGER NOT NULL,
            state TEXT NOT NULL CHECK (state IN ('collecting', 'aggregating', 'published', 'abandoned')),
            reason TEXT CHECK ((reason IS NULL) = (state <> 'abandoned')),
            noised_sum TEXT,
            ended_at INTEGER CHECK ((ended_at IS NULL) = (state IN ('collecting', 'aggregating'))),
            PRIMARY KEY (plan, round)
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE cohorts (
            plan TEXT NOT NULL,
            round INTEGER NOT NULL,
            node TEXT NOT NULL,
            PRIMARY KEY (plan, round, node),
            FOREIGN KEY (plan, round) REFERENCES rounds (plan, round)
        ) STRICT, WITHOUT ROWID;

        -- The key makes it impossible that one node counts twice in a round; the foreign key, that an outsider counts.
        CREATE TABLE updates (
            plan TEXT NOT NULL,
            round INTEGER NOT NULL,
            node TEXT NOT NULL,
            place INTEGER NOT NULL,
            payload TEXT NOT NULL,
            bytes INTEGER NOT NULL,
            loss_sum REAL,
            target_count INTEGER,
            hits_at_10 REAL,
            ndcg_at_10 REAL,
            evaluated_users INTEGER,
            accepted_at INTEGER NOT NULL,
            PRIMARY KEY (plan, round, node),
            FOREIGN KEY (plan, round, node) REFERENCES cohorts (plan, round, node)
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE declines (
            plan TEXT NOT NULL,
            round INTEGER NOT NULL,
            node TEXT NOT NULL,
            reason TEXT NOT NULL,
            declined_at INTEGER NOT NULL,
            PRIMARY KEY (plan, round, node),
            FOREIGN KEY (plan, round, node) REFERENCES cohorts (plan, round, node)
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE models (
            plan TEXT NOT NULL REFERENCES plans (digest),
            round INTEGER NOT NULL CHECK (round >= 0),
            digest TEXT NOT NULL CHECK (length(digest) = 64),
            bytes INTEGER NOT NULL,
            published_at INTEGER NOT NULL,
            PRIMARY KEY (plan, round)
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE promotions (
            number INTEGER PRIMARY KEY AUTOINCREMENT,
            plan TEXT NOT NULL,
            round INTEGER NOT NULL,
            promoted_at INTEGER NOT NULL,
            FOREIGN KEY (plan, round) REFERENCES models (plan, round)
        ) STRICT;

        CREATE TABLE tokens (
            hash TEXT NOT NULL PRIMARY KEY CHECK (length(hash) = 64),
            node TEXT NOT NULL,
            created_at INTEGER NOT NULL,
            expires_at INTEGER NOT NULL,
            used_at INTEGER,
            used_key TEXT CHECK ((used_key IS NULL) = (used_at IS NULL))
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE certificates (
            serial TEXT NOT NULL PRIMARY KEY,
            node TEXT NOT NULL,
            enrolled_at INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE revocations (
            node TEXT NOT NULL PRIMARY KEY,
            revoked_at INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;
        """
}
