public import DifferentialPrivacy
public import EdgeRuntime
public import Federation
internal import Foundation
internal import GRDB

extension SQLiteNodeStorage {
    public func ledgerEntries() async throws -> [LedgerEntry] {
        var entries: [LedgerEntry] = []
        for line in try await ledgerLines() {
            let entry = line.entry
            if entry.sequence <= entries.count { entries[entry.sequence - 1] = entries[entry.sequence - 1].moved(to: entry.state) } else { entries.append(entry) }
        }
        return entries
    }

    public func ledgerLines() async throws -> [LedgerLine] { try await read { database in try Self.lines(database) } }

    public func ledgerHead() async throws -> LedgerHead { try await read { database in try Self.head(database) } }

    public func appendReservation(_ entry: LedgerEntry, participants: Participants, at time: WallTime) async throws {
        let head = try await write { database in
            let last = try Int.fetchOne(database, sql: "SELECT MAX(entry) FROM ledger") ?? 0
            guard entry.sequence == last + 1, entry.state == .reserved else {
                throw StorageError(.conflict, "Another process wrote to the privacy ledger meanwhile; stop all but one process that attends rounds.")
            }
            try Self.record(participants, in: entry.sequence, database)
            return try Self.append(entry, at: time, in: database)
        }
        try noteReceipt(head)
    }

    public func cancelReservation(_ sequence: Int, at time: WallTime) async throws {
        let head = try await write { database in
            try Self.move(sequence, to: .cancelled, at: time, in: database)
            return try Self.head(database)
        }
        try noteReceipt(head)
    }

    public func userClasses() async throws -> [UserClass] {
        try await read { database in
            try Row.fetchAll(database, sql: "SELECT firstEntry, COUNT(*) AS users FROM participation GROUP BY firstEntry ORDER BY firstEntry").map {
                UserClass(firstEntry: $0["firstEntry"], users: $0["users"])
            }
        }
    }

    // MARK: The receipt

    /// The receipt's file in the node's directory: the number of lines, a space, and the last one's hash.
    private static let receiptName = "ledger-head"

    public func ledgerReceipt() async throws -> LedgerHead? {
        guard let bytes = try directory.read(Self.receiptName) else { return nil }
        let words = String(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isWhitespace)
        guard words.count == 2, let count = Int(words[0]), count >= 0, let hash = Digest(hex: String(words[1])) else {
            throw StorageError(.corrupted, "The file \(directory.path(of: Self.receiptName)) does not hold a head of the ledger; restore the node's directory from a complete copy.")
        }
        return LedgerHead(count: count, hash: hash)
    }

    func noteReceipt(_ head: LedgerHead) throws { try directory.write(Array("\(head.count) \(head.hash.hex)\n".utf8), to: Self.receiptName) }

    // MARK: Lines

    /// Appends a line with the entry's new state.
    static func move(_ sequence: Int, to state: LedgerEntry.State, at time: WallTime, in database: Database) throws {
        guard let row = try Row.fetchOne(database, sql: "SELECT * FROM ledger WHERE entry = ? ORDER BY line DESC LIMIT 1", arguments: [sequence]) else {
            throw StorageError(.conflict, "The privacy ledger has no entry \(sequence).")
        }
        let entry = try entry(row)
        if entry.state == state { return }
        guard entry.state == .reserved else {
            throw StorageError(.conflict, "Entry \(sequence) of the privacy ledger is \(entry.state.rawValue) and cannot become \(state.rawValue).")
        }
        try append(entry.moved(to: state), at: time, in: database)
    }

    static func head(_ database: Database) throws -> LedgerHead {
        guard let row = try Row.fetchOne(database, sql: "SELECT line, hash FROM ledger ORDER BY line DESC LIMIT 1") else { return .empty }
        return LedgerHead(count: row["line"], hash: try Digest(stored: row["hash"]))
    }

    @discardableResult
    private static func append(_ entry: LedgerEntry, at time: WallTime, in database: Database) throws -> LedgerHead {
        let line = LedgerChain.line(entry, at: time, after: try head(database))
        try database.execute(
            sql: """
                INSERT INTO ledger (line, entry, state, plan, round, noiseMultiplier, samplingRate, count, gridStandardDeviation, dimension, time, hash)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                """,
            arguments: [
                line.index, entry.sequence, entry.state.rawValue, entry.plan, entry.round, entry.event.noiseMultiplier, entry.event.samplingRate,
                entry.event.count, entry.event.gridStandardDeviation, entry.event.dimension, time.milliseconds, line.hash.data,
            ])
        return line.head
    }

    private static func lines(_ database: Database) throws -> [LedgerLine] {
        try Row.fetchAll(database, sql: "SELECT * FROM ledger ORDER BY line").map { row in
            LedgerLine(index: row["line"], entry: try entry(row), time: WallTime(milliseconds: row["time"]), hash: try Digest(stored: row["hash"]))
        }
    }

    /// Gives the lines of an older program their places in the chain.
    static func chainLines(in database: Database) throws {
        var head = LedgerHead.empty
        for row in try Row.fetchAll(database, sql: "SELECT * FROM ledger ORDER BY line") {
            let line = LedgerChain.line(try entry(row), at: WallTime(milliseconds: row["time"]), after: head)
            try database.execute(sql: "UPDATE ledger SET hash = ?, line = ? WHERE line = ?", arguments: [line.hash.data, line.index, row["line"] as Int])
            head = line.head
        }
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
            state: state, time: row["time"])
    }

    // MARK: Who took part

    private static func record(_ participants: Participants, in entry: Int, _ database: Database) throws {
        if case .rows(let rows, let version) = participants, try Int.fetchOne(database, sql: "SELECT value FROM eventVersion") == version {
            let users = try Int64.fetchAll(database, sql: "SELECT id FROM user ORDER BY id")
            let statement = try database.makeStatement(sql: "INSERT INTO participation VALUES (?, ?) ON CONFLICT DO NOTHING")
            for row in rows where users.indices.contains(row) { try statement.execute(arguments: [users[row], entry]) }
        } else {
            // Events came or went since the rows were read: everybody is charged, which is never too little.
            try database.execute(sql: "INSERT INTO participation SELECT id, ? FROM user WHERE TRUE ON CONFLICT DO NOTHING", arguments: [entry])
        }
    }
}
