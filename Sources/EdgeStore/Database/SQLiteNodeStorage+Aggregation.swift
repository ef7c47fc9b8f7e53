internal import DifferentialPrivacy
public import EdgeRuntime
public import Federation
internal import Foundation
internal import GRDB

extension SQLiteNodeStorage {
    public func lastAggregation(of plan: Digest) async throws -> AggregationRecord? {
        try await read { database in
            try Row.fetchOne(database, sql: "SELECT * FROM aggregation WHERE plan = ? ORDER BY round DESC LIMIT 1", arguments: [plan.data]).map { row in
                let survivors: Data? = row["survivors"]
                return AggregationRecord(
                    plan: plan, round: RoundNumber(row["round"]), session: try Digest(stored: row["session"]), reservation: row["reservation"],
                    survivors: try survivors.map { try Digest(stored: $0) })
            }
        }
    }

    public func enterAggregation(_ record: AggregationRecord, at time: WallTime) async throws {
        try await write { database in
            let last = try Int.fetchOne(database, sql: "SELECT MAX(round) FROM aggregation WHERE plan = ?", arguments: [record.plan.data]) ?? 0
            guard record.round.value > last else {
                throw StorageError(.conflict, "Round \(last) of the plan was entered before; round \(record.round) cannot be entered any more.")
            }
            try database.execute(
                sql: "INSERT INTO aggregation (plan, round, session, reservation, time) VALUES (?, ?, ?, ?, ?)",
                arguments: [record.plan.data, record.round.value, record.session.data, record.reservation, time.milliseconds])
        }
    }

    public func beginSendingMasked(plan: Digest, round: RoundNumber, at time: WallTime) async throws {
        let head = try await write { database -> LedgerHead? in
            guard let row = try Row.fetchOne(database, sql: "SELECT reservation FROM aggregation WHERE plan = ? AND round = ?", arguments: [plan.data, round.value]) else {
                throw StorageError(.conflict, "Round \(round) of the plan was not entered.")
            }
            guard let reservation: Int = row["reservation"] else { return nil }
            try Self.move(reservation, to: .sent, at: time, in: database)
            return try Self.head(database)
        }
        if let head { try noteReceipt(head) }
    }

    public func decideUnmasking(plan: Digest, round: RoundNumber, survivors: Digest, at time: WallTime) async throws {
        try await write { database in
            try database.execute(
                sql: "UPDATE aggregation SET survivors = ?1 WHERE plan = ?2 AND round = ?3 AND (survivors IS NULL OR survivors = ?1)",
                arguments: [survivors.data, plan.data, round.value])
            guard database.changesCount == 1 else {
                throw StorageError(.conflict, "The node has decided otherwise about round \(round), or has not entered it; nothing is revealed.")
            }
        }
    }

    public func pinnedKeys() async throws -> [NodeID: [UInt8]] {
        try await read { database in
            var keys: [NodeID: [UInt8]] = [:]
            for row in try Row.fetchAll(database, sql: "SELECT node, key FROM aggregationPin") {
                guard let node = NodeID(row["node"]) else { throw StorageError(.corrupted, "The node's database pins a key of no node; restore it from a copy.") }
                let key: Data = row["key"]
                keys[node] = [UInt8](key)
            }
            return keys
        }
    }

    public func pin(_ keys: [NodeID: [UInt8]]) async throws {
        try await write { database in
            for (node, key) in keys {
                try database.execute(sql: "INSERT INTO aggregationPin (node, key) VALUES (?, ?) ON CONFLICT DO NOTHING", arguments: [node.name, key.data])
                guard try Data.fetchOne(database, sql: "SELECT key FROM aggregationPin WHERE node = ?", arguments: [node.name]) == key.data else {
                    throw StorageError(.conflict, "Node \(node) has another aggregation key than the one this node has seen.")
                }
            }
        }
    }
}
