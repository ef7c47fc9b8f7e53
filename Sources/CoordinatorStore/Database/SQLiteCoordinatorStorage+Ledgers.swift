internal import CoordinatorCore
public import Federation
internal import GRDB

extension SQLiteCoordinatorStorage {
    public func rememberLedger(_ head: LedgerHead, of node: NodeID, at time: WallTime) async throws {
        guard head.count > 0 else { return }
        try await write { database in
            try database.execute(
                sql: """
                    INSERT INTO ledger_heads (node, lines, hash, seen_at) VALUES (?, ?, ?, ?)
                    ON CONFLICT (node) DO UPDATE SET lines = excluded.lines, hash = excluded.hash, seen_at = excluded.seen_at WHERE excluded.lines > lines
                    """,
                arguments: [node.name, head.count, head.hash.hex, time.milliseconds])
        }
    }

    public func rememberedLedger(of node: NodeID) async throws -> LedgerHead? {
        try await read { database in
            try Row.fetchOne(database, sql: "SELECT lines, hash FROM ledger_heads WHERE node = ?", arguments: [node.name]).map { row in
                LedgerHead(count: row["lines"], hash: try row.digest("hash"))
            }
        }
    }
}
