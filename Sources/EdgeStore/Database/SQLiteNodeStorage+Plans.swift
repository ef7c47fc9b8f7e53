public import EdgeRuntime
public import Federation
internal import Foundation
internal import GRDB

extension SQLiteNodeStorage {
    public func membership(of plan: Digest) async throws -> PlanMembership? {
        try await read { database in
            try Row.fetchOne(database, sql: "SELECT * FROM membership WHERE plan = ?", arguments: [plan.data]).map(Self.membership)
        }
    }

    public func currentMembership() async throws -> PlanMembership? {
        try await read { database in
            try Row.fetchOne(database, sql: "SELECT * FROM membership ORDER BY sequence DESC LIMIT 1").map(Self.membership)
        }
    }

    public func saveMembership(_ membership: PlanMembership) async throws {
        let (state, reason): (String, String?) =
            switch membership.state {
            case .joined: ("joined", nil)
            case .refused(let reason): ("refused", reason)
            case .ended: ("ended", nil)
            }
        try await write { database in
            try database.execute(sql: "DELETE FROM membership WHERE plan = ?", arguments: [membership.plan.data])
            try database.execute(
                sql: "INSERT INTO membership (plan, encoded, enrolledUsers, state, reason, sequence) VALUES (?, ?, ?, ?, ?, (SELECT IFNULL(MAX(sequence), 0) + 1 FROM membership))",
                arguments: [membership.plan.data, membership.encodedPlan.data, membership.enrolledUsers, state, reason])
        }
    }

    public func servedModel() async throws -> ServedModelRecord? {
        try await read { database in
            guard let row = try Row.fetchOne(database, sql: "SELECT * FROM servedModel") else { return nil }
            return ServedModelRecord(
                plan: try Digest(stored: row["plan"]),
                model: ModelReference(round: row["round"], digest: try Digest(stored: row["digest"]), byteCount: row["byteCount"]))
        }
    }

    public func setServedModel(_ served: ServedModelRecord) async throws {
        try await write { database in
            try database.execute(
                sql: "INSERT OR REPLACE INTO servedModel VALUES (1, ?, ?, ?, ?)",
                arguments: [served.plan.data, served.model.round, served.model.digest.data, served.model.byteCount])
        }
    }

    private static func membership(_ row: Row) throws -> PlanMembership {
        let state: PlanMembership.State =
            switch row["state"] as String {
            case "joined": .joined
            case "refused": .refused(row["reason"] ?? "")
            default: .ended
            }
        let encoded: Data = row["encoded"]
        return PlanMembership(
            plan: try Digest(stored: row["plan"]), encodedPlan: Array(encoded), enrolledUsers: row["enrolledUsers"], state: state)
    }
}
