public import CoordinatorCore
public import Federation
internal import Foundation
internal import GRDB

extension SQLiteCoordinatorStorage {
    public func registerAggregationKey(_ key: [UInt8], of node: NodeID, organisation: String) async throws {
        try await write { database in
            try database.execute(
                sql: """
                    INSERT INTO aggregation_keys (node, organisation, key) VALUES (?, ?, ?)
                    ON CONFLICT (node) DO UPDATE SET key = excluded.key, organisation = excluded.organisation
                    """,
                arguments: [node.name, organisation, Data(key)])
        }
    }

    public func aggregationMembers() async throws -> [AggregationMember] {
        try await read { database in
            let sql = "SELECT * FROM aggregation_keys WHERE node NOT IN (SELECT node FROM revocations) ORDER BY number"
            return try Row.fetchAll(database, sql: sql).map { row in
                let key: Data = row["key"]
                return AggregationMember(number: row["number"], node: try row.node(), organisation: row["organisation"], key: [UInt8](key))
            }
        }
    }

    public func recordRoster(_ roster: Digest, of plan: Digest) async throws {
        try await write { database in
            try database.execute(sql: "INSERT INTO plan_rosters (plan, roster) VALUES (?, ?) ON CONFLICT DO NOTHING", arguments: [plan.hex, roster.hex])
            guard try String.fetchOne(database, sql: "SELECT roster FROM plan_rosters WHERE plan = ?", arguments: [plan.hex]) == roster.hex else {
                throw FederationError(.failedPrecondition, "plan \(plan.short) began with another roster")
            }
        }
    }

    public func roster(of plan: Digest) async throws -> Digest? {
        try await read { database in
            try Row.fetchOne(database, sql: "SELECT roster FROM plan_rosters WHERE plan = ?", arguments: [plan.hex])?.digest("roster")
        }
    }
}
