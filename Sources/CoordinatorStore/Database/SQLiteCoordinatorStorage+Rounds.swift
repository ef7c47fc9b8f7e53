public import CoordinatorCore
public import Federation
internal import GRDB

extension SQLiteCoordinatorStorage {
    public func openRound(_ opening: RoundOpening, of plan: Digest) async throws {
        try await write { database in
            try database.execute(
                sql: """
                    INSERT INTO rounds (plan, round, base_round, base_model, base_bytes, opened_at, deadline, state)
                    VALUES (?, ?, ?, ?, ?, ?, ?, 'collecting')
                    """,
                arguments: [
                    plan.hex, opening.round.value, opening.baseModel.round, opening.baseModel.digest.hex, opening.baseModel.byteCount,
                    opening.openedAt.milliseconds, opening.deadline.milliseconds,
                ])
            for node in opening.cohort {
                try database.execute(sql: "INSERT INTO cohorts (plan, round, node) VALUES (?, ?, ?)", arguments: [plan.hex, opening.round.value, node.name])
            }
        }
    }

    public func acceptUpdate(_ update: AcceptedUpdate, in round: RoundNumber, of plan: Digest) async throws {
        try await write { database in
            try Self.require(["collecting"], round, plan, database)
            try database.execute(
                sql: """
                    INSERT INTO updates (plan, round, node, place, payload, bytes, loss_sum, target_count, hits_at_10, ndcg_at_10, evaluated_users, accepted_at)
                    VALUES (?1, ?2, ?3, (SELECT count(*) FROM updates WHERE plan = ?1 AND round = ?2), ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)
                    """,
                arguments: [
                    plan.hex, round.value, update.node.name, update.payload.hex, update.byteCount, update.report?.lossSum, update.report?.targetCount,
                    update.report?.hitsAt10, update.report?.ndcgAt10, update.report?.evaluatedUsers, update.acceptedAt.milliseconds,
                ])
        }
    }

    public func recordDecline(_ node: NodeID, reason: DeclineReason, in round: RoundNumber, of plan: Digest, at time: WallTime) async throws {
        try await write { database in
            try database.execute(
                sql: "INSERT INTO declines (plan, round, node, reason, declined_at) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
                arguments: [plan.hex, round.value, node.name, reason.rawValue, time.milliseconds])
        }
    }

    public func closeCollection(of round: RoundNumber, of plan: Digest, at time: WallTime) async throws {
        try await write { database in
            try Self.require(["collecting", "aggregating"], round, plan, database)
            try database.execute(sql: "UPDATE rounds SET state = 'aggregating' WHERE plan = ? AND round = ?", arguments: [plan.hex, round.value])
        }
    }

    public func recordNoisedSum(_ sum: Digest, in round: RoundNumber, of plan: Digest) async throws {
        try await write { database in
            try Self.require(["aggregating"], round, plan, database)
            // Noise is drawn once: a second, different sum of the same round would cost the users twice.
            try database.execute(
                sql: "UPDATE rounds SET noised_sum = ?1 WHERE plan = ?2 AND round = ?3 AND (noised_sum IS NULL OR noised_sum = ?1)",
                arguments: [sum.hex, plan.hex, round.value])
            guard database.changesCount == 1 else {
                throw FederationError(.failedPrecondition, "round \(round) has a noised sum already; it is published, not drawn anew")
            }
        }
    }

    public func publish(_ model: ModelReference, in round: RoundNumber, of plan: Digest, at time: WallTime) async throws {
        try await write { database in
            try Self.require(["aggregating"], round, plan, database)
            try database.execute(
                sql: "INSERT INTO models (plan, round, digest, bytes, published_at) VALUES (?, ?, ?, ?, ?)",
                arguments: [plan.hex, model.round, model.digest.hex, model.byteCount, time.milliseconds])
            try database.execute(
                sql: "UPDATE rounds SET state = 'published', ended_at = ? WHERE plan = ? AND round = ?", arguments: [time.milliseconds, plan.hex, round.value])
        }
    }

    public func abandon(_ round: RoundNumber, of plan: Digest, reason: AbandonReason, at time: WallTime) async throws {
        try await write { database in
            try Self.require(["collecting", "aggregating"], round, plan, database)
            try database.execute(
                sql: "UPDATE rounds SET state = 'abandoned', reason = ?, ended_at = ? WHERE plan = ? AND round = ?",
                arguments: [reason.rawValue, time.milliseconds, plan.hex, round.value])
        }
    }

    public func rounds(of plan: Digest) async throws -> [RoundRecord] {
        try await read { database in
            try Row.fetchAll(database, sql: "\(Self.selectRounds) WHERE r.plan = ? ORDER BY r.round", arguments: [plan.hex]).map {
                try Self.record($0, database)
            }
        }
    }

    public func round(_ round: RoundNumber, of plan: Digest) async throws -> RoundRecord? {
        try await read { database in
            try Row.fetchOne(database, sql: "\(Self.selectRounds) WHERE r.plan = ? AND r.round = ?", arguments: [plan.hex, round.value]).map {
                try Self.record($0, database)
            }
        }
    }

    private static let selectRounds = """
        SELECT r.*, m.digest AS model_digest, m.bytes AS model_bytes FROM rounds r LEFT JOIN models m ON m.plan = r.plan AND m.round = r.round
        """

    /// - Throws: ``FederationError`` unless the round is in one of the states: a transition is never recorded twice or out of order.
    private static func require(_ states: Set<String>, _ round: RoundNumber, _ plan: Digest, _ database: Database) throws {
        let state = try String.fetchOne(database, sql: "SELECT state FROM rounds WHERE plan = ? AND round = ?", arguments: [plan.hex, round.value])
        guard let state else { throw FederationError(.notFound, "plan \(plan.short) has no round \(round)") }
        guard states.contains(state) else { throw FederationError(.failedPrecondition, "round \(round) is \(state) and cannot change so any more") }
    }

    private static func record(_ row: Row, _ database: Database) throws -> RoundRecord {
        let (plan, number): (String, Int) = (row["plan"], row["round"])
        let key: StatementArguments = [plan, number]
        let cohort = try Row.fetchAll(database, sql: "SELECT node FROM cohorts WHERE plan = ? AND round = ? ORDER BY node", arguments: key).map { try $0.node() }
        let updates = try Row.fetchAll(database, sql: "SELECT * FROM updates WHERE plan = ? AND round = ? ORDER BY place", arguments: key).map(AcceptedUpdate.init)
        var declines: [NodeID: DeclineReason] = [:]
        for decline in try Row.fetchAll(database, sql: "SELECT * FROM declines WHERE plan = ? AND round = ?", arguments: key) {
            declines[try decline.node()] = try decline.word("reason")
        }
        let base = ModelReference(round: row["base_round"], digest: try row.digest("base_model"), byteCount: row["base_bytes"])
        let opening = RoundOpening(
            round: RoundNumber(number), baseModel: base, cohort: cohort, openedAt: row.time("opened_at"), deadline: row.time("deadline"))
        return RoundRecord(
            opening: opening, state: try state(row), updates: updates, declines: declines, noisedSum: try row.optionalDigest("noised_sum"),
            endedAt: row.optionalTime("ended_at"))
    }

    private static func state(_ row: Row) throws -> RoundRecord.State {
        switch row["state"] as String {
        case "collecting": return .collecting
        case "aggregating": return .aggregating
        case "published":
            guard let digest = try row.optionalDigest("model_digest") else { throw row.damaged("state") }
            return .published(ModelReference(round: row["round"], digest: digest, byteCount: row["model_bytes"]))
        case "abandoned": return .abandoned(try row.word("reason"))
        default: throw row.damaged("state")
        }
    }
}

extension AcceptedUpdate {
    fileprivate init(_ row: Row) throws {
        let lossSum: Double? = row["loss_sum"]
        let report = lossSum.map {
            TrainingReport(
                lossSum: $0, targetCount: row["target_count"], hitsAt10: row["hits_at_10"], ndcgAt10: row["ndcg_at_10"], evaluatedUsers: row["evaluated_users"])
        }
        self.init(
            node: try row.node(), payload: try row.digest("payload"), byteCount: row["bytes"], report: report, acceptedAt: row.time("accepted_at"))
    }
}
