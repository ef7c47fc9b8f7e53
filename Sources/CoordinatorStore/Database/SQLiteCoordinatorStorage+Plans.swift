public import CoordinatorCore
public import Federation
internal import Foundation
internal import GRDB

extension SQLiteCoordinatorStorage {
    public func requestPlan(_ encoded: [UInt8], at time: WallTime) async throws {
        let digest = Digest(of: encoded)
        try await write { database in
            let records = try Self.fetchPlans(database)
            try PlanRequest.check(digest, against: records)
            guard records.first(where: { $0.digest == digest })?.state.isActive != true else { return }
            try database.execute(
                sql: """
                    INSERT INTO plans (digest, encoded, state, requested_at, changed_at) VALUES (?, ?, 'requested', ?, ?)
                    ON CONFLICT (digest) DO UPDATE SET state = 'requested', reason = NULL, changed_at = excluded.changed_at
                    """,
                arguments: [digest.hex, Data(encoded), time.milliseconds, time.milliseconds])
        }
    }

    public func requestStop(of plan: Digest, at time: WallTime) async throws -> Bool {
        try await write { database in
            try database.execute(
                sql: "UPDATE plans SET state = 'stopping', changed_at = ? WHERE digest = ? AND state IN ('requested', 'running', 'stopping')",
                arguments: [time.milliseconds, plan.hex])
            return database.changesCount > 0
        }
    }

    public func setState(_ state: PlanState, of plan: Digest, at time: WallTime) async throws {
        let (word, reason) = state.columns
        try await write { database in
            try database.execute(
                sql: "UPDATE plans SET state = ?, reason = ?, changed_at = ? WHERE digest = ?", arguments: [word, reason, time.milliseconds, plan.hex])
            guard database.changesCount == 1 else { throw unknown(plan) }
        }
    }

    public func plans() async throws -> [PlanRecord] {
        try await read(Self.fetchPlans)
    }

    @Sendable private static func fetchPlans(_ database: Database) throws -> [PlanRecord] {
        try Row.fetchAll(database, sql: "SELECT * FROM plans ORDER BY requested_at, digest").map { row in
            let encoded: Data = row["encoded"]
            return PlanRecord(
                encodedPlan: [UInt8](encoded), digest: try row.digest("digest"), state: try PlanState(row),
                requestedAt: row.time("requested_at"), changedAt: row.time("changed_at"))
        }
    }

    public func recordJoin(_ node: NodeID, _ declaration: JoinDeclaration, at time: WallTime) async throws {
        try await write { database in
            guard try Bool.fetchOne(database, sql: "SELECT TRUE FROM plans WHERE digest = ?", arguments: [declaration.plan.hex]) ?? false else {
                throw unknown(declaration.plan)
            }
            let held = try Int.fetchOne(
                database, sql: "SELECT enrolled_users FROM joins WHERE plan = ? AND node = ?", arguments: [declaration.plan.hex, node.name])
            if let held {
                guard held == declaration.enrolledUsers else {
                    throw FederationError(
                        .rejected, "\(node) declared \(held) enrolled users for this plan and now declares \(declaration.enrolledUsers): the number is fixed for a plan")
                }
                return
            }
            try database.execute(
                sql: "INSERT INTO joins (plan, node, enrolled_users, joined_at) VALUES (?, ?, ?, ?)",
                arguments: [declaration.plan.hex, node.name, declaration.enrolledUsers, time.milliseconds])
        }
    }

    public func joins(of plan: Digest) async throws -> [JoinRecord] {
        try await read { database in
            try Row.fetchAll(database, sql: "SELECT * FROM joins WHERE plan = ? ORDER BY node", arguments: [plan.hex]).map { row in
                let withdrawal: String? = row["withdrawal"]
                return JoinRecord(
                    node: try row.node(), enrolledUsers: row["enrolled_users"], joinedAt: row.time("joined_at"),
                    withdrawal: try withdrawal.map { _ in try row.word("withdrawal") })
            }
        }
    }

    public func recordWithdrawal(_ node: NodeID, from plan: Digest, reason: DeclineReason, at time: WallTime) async throws {
        try await write { database in
            try database.execute(
                sql: "UPDATE joins SET withdrawal = COALESCE(withdrawal, ?) WHERE plan = ? AND node = ?", arguments: [reason.rawValue, plan.hex, node.name])
            guard database.changesCount == 1 else { throw FederationError(.failedPrecondition, "\(node) did not join plan \(plan.short)") }
        }
    }
}

func unknown(_ plan: Digest) -> FederationError { FederationError(.notFound, "there is no plan \(plan.short)") }

extension PlanState {
    /// The columns `state` and `reason`.
    fileprivate var columns: (String, String?) {
        switch self {
        case .requested: ("requested", nil)
        case .running: ("running", nil)
        case .stopping: ("stopping", nil)
        case .finished: ("finished", nil)
        case .stopped: ("stopped", nil)
        case .failed(let reason): ("failed", reason)
        }
    }

    fileprivate init(_ row: Row) throws {
        let word: String = row["state"]
        let reason: String? = row["reason"]
        switch (word, reason) {
        case ("requested", nil): self = .requested
        case ("running", nil): self = .running
        case ("stopping", nil): self = .stopping
        case ("finished", nil): self = .finished
        case ("stopped", nil): self = .stopped
        case ("failed", let reason?): self = .failed(reason: reason)
        default: throw row.damaged("state")
        }
    }
}
