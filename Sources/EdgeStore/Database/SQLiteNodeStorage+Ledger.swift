public import DifferentialPrivacy
internal import EdgeRuntime
public import Federation
internal import GRDB

extension SQLiteNodeStorage {
    public func ledgerEntries() async throws -> [LedgerEntry] {
        try await read { database in
            // An entry's latest line is its state; with MAX, SQLite takes the other columns from the same line.
            try Row.fetchAll(database, sql: "SELECT *, MAX(line) FROM ledger GROUP BY entry ORDER BY entry").map(Self.entry)
        }
    }

    public func appendReservation(_ entry: LedgerEntry, at time: WallTime) async throws {
        try await write { database in
            let last = try Int.fetchOne(database, sql: "SELECT MAX(entry) FROM ledger") ?? 0
            guard entry.sequence == last + 1, entry.state == .reserved else {
                throw StorageError(.conflict, "Another process wrote to the privacy ledger meanwhile; stop all but one process that attends rounds.")
            }
            try Self.insert(entry, state: "reserved", at: time, in: database)
        }
    }

    public func cancelReservation(_ sequence: Int, at time: WallTime) async throws {
        try await write { database in try Self.move(sequence, to: "cancelled", at: time, in: database) }
    }

    /// Appends a line with the entry's new state.
    static func move(_ sequence: Int, to state: String, at time: WallTime, in database: Database) throws {
        guard let row = try Row.fetchOne(database, sql: "SELECT * FROM ledger WHERE entry = ? ORDER BY line DESC LIMIT 1", arguments: [sequence]) else {
            throw StorageError(.conflict, "The privacy ledger has no entry \(sequence).")
        }
        let entry = try entry(row)
        if entry.state.rawValue == state { return }
        guard entry.state == .reserved else {
            throw StorageError(.conflict, "Entry \(sequence) of the privacy ledger is \(entry.state.rawValue) and cannot become \(state).")
        }
        try insert(entry, state: state, at: time, in: database)
    }

    private static func insert(_ entry: LedgerEntry, state: String, at time: WallTime, in database: Database) throws {
        try database.execute(
            sql: """
                INSERT INTO ledger (entry, state, plan, round, noiseMultiplier, samplingRate, count, gridStandardDeviation, dimension, time)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                """,
            arguments: [
                entry.sequence, state, entry.plan, entry.round, entry.event.noiseMultiplier, entry.event.samplingRate, entry.event.count,
                entry.event.gridStandardDeviation, entry.event.dimension, time.milliseconds,
            ])
    }

    private static func entry(_ row: Row) throws -> LedgerEntry {
        guard let state = LedgerEntry.State(rawValue: row["state"]) else {
            throw StorageError(.corrupted, "The privacy ledger holds an entry in an unknown state; a newer program wrote it.")
        }
        return LedgerEntry(
            sequence: row["entry"], plan: row["plan"], round: row["round"],
            event: MechanismEvent(
                noiseMultiplier: row["noiseMultiplier"], samplingRate: row["samplingRate"], count: row["count"],
                gridStandardDeviation: row["gridStandardDeviation"], dimension: row["dimension"]),
            state: state)
    }
}
