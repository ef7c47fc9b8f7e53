public import CoordinatorCore
public import Federation
internal import GRDB

extension SQLiteCoordinatorStorage {
    public func recordInitialModel(_ model: ModelReference, of plan: Digest, at time: WallTime) async throws {
        try await write { database in
            try database.execute(
                sql: "INSERT INTO models (plan, round, digest, bytes, published_at) VALUES (?, 0, ?, ?, ?) ON CONFLICT DO NOTHING",
                arguments: [plan.hex, model.digest.hex, model.byteCount, time.milliseconds])
        }
    }

    public func models() async throws -> [ModelRecord] {
        try await read { database in
            let sql = """
                SELECT m.*, (m.plan, m.round) IN
                    (SELECT plan, round FROM promotions WHERE number IN (SELECT max(number) FROM promotions GROUP BY plan)) AS promoted
                FROM models m JOIN plans p ON p.digest = m.plan ORDER BY m.published_at, p.requested_at, m.round
                """
            return try Row.fetchAll(database, sql: sql).map { row in
                ModelRecord(
                    reference: ModelReference(round: row["round"], digest: try row.digest("digest"), byteCount: row["bytes"]), plan: try row.digest("plan"),
                    publishedAt: row.time("published_at"), isPromoted: row["promoted"])
            }
        }
    }

    public func promote(_ model: Digest, at time: WallTime) async throws {
        try await write { database in
            try database.execute(
                sql: """
                    INSERT INTO promotions (plan, round, promoted_at)
                    SELECT plan, round, ? FROM models WHERE digest = ? ORDER BY published_at DESC LIMIT 1
                    """,
                arguments: [time.milliseconds, model.hex])
            guard database.changesCount == 1 else { throw FederationError(.notFound, "there is no model version \(model.short): see `coordinator models list`") }
        }
    }

    public func undoPromotion(of plan: Digest) async throws -> Digest? {
        try await write { database in
            try database.execute(sql: "DELETE FROM promotions WHERE number = (SELECT max(number) FROM promotions WHERE plan = ?)", arguments: [plan.hex])
            return try Row.fetchOne(
                database,
                sql: "SELECT m.digest FROM promotions p JOIN models m ON m.plan = p.plan AND m.round = p.round WHERE p.plan = ? ORDER BY p.number DESC LIMIT 1",
                arguments: [plan.hex])?.digest("digest")
        }
    }
}
