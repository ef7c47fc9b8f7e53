internal import DifferentialPrivacy
public import EdgeRuntime
public import Federation
internal import GRDB

extension SQLiteNodeStorage {
    public func storeUpdate(_ update: FinishedUpdate, bytes: [UInt8]) async throws {
        guard Digest(of: bytes) == update.digest, bytes.count == update.header.payloadByteCount else {
            throw StorageError(.conflict, "The bytes of an update do not have the digest or length of its header.")
        }
        // The file first: a record always finds its bytes.
        try outbox.write(bytes, to: update.digest.hex)
        let header = update.header
        do {
            try await write { database in
                try database.execute(
                    sql: """
                        INSERT INTO finishedUpdate (digest, plan, round, baseModel, byteCount, reservation, lossSum, targetCount, hitsAt10, ndcgAt10, evaluatedUsers, state)
                        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'finished')
                        """,
                    arguments: [
                        header.payload.data, header.plan.data, header.round.value, header.baseModel.data, header.payloadByteCount, update.reservation,
                        header.report?.lossSum, header.report?.targetCount, header.report?.hitsAt10, header.report?.ndcgAt10, header.report?.evaluatedUsers,
                    ])
            }
        } catch {
            try? outbox.remove(update.digest.hex)
            throw error
        }
    }

    public func update(plan: Digest, round: RoundNumber) async throws -> FinishedUpdate? {
        try await read { database in
            try Row.fetchOne(database, sql: "SELECT * FROM finishedUpdate WHERE plan = ? AND round = ?", arguments: [plan.data, round.value])
                .map(Self.update)
        }
    }

    public func readUpdate(_ digest: Digest, at offset: Int, maximumCount: Int) async throws -> [UInt8] {
        guard let bytes = try outbox.read(digest.hex, at: offset, maximumCount: maximumCount) else {
            throw StorageError(.corrupted, "The finished update \(digest.short) is missing from the outbox; it cannot be sent again.")
        }
        return bytes
    }

    public func beginSending(_ digest: Digest, at time: WallTime) async throws {
        let head = try await write { database -> LedgerHead? in
            guard let row = try Row.fetchOne(database, sql: "SELECT state, reservation FROM finishedUpdate WHERE digest = ?", arguments: [digest.data]) else {
                throw StorageError(.conflict, "There is no finished update \(digest.short) to send.")
            }
            guard row["state"] as String == "finished" else { return nil }
            try database.execute(sql: "UPDATE finishedUpdate SET state = 'sending', time = ? WHERE digest = ?", arguments: [time.milliseconds, digest.data])
            guard let reservation: Int = row["reservation"] else { return nil }
            try Self.move(reservation, to: .sent, at: time, in: database)
            return try Self.head(database)
        }
        if let head { try noteReceipt(head) }
    }

    public func settleUpdate(_ digest: Digest, as outcome: UpdateOutcome, at time: WallTime) async throws {
        let state = Self.name(of: outcome)
        try await write { database in
            try database.execute(
                sql: "UPDATE finishedUpdate SET state = ?, time = ? WHERE digest = ? AND state IN ('finished', 'sending')",
                arguments: [state, time.milliseconds, digest.data])
        }
        try outbox.remove(digest.hex)
    }

    public func unsettledUpdates() async throws -> [FinishedUpdate] {
        try await read { database in
            try Row.fetchAll(database, sql: "SELECT * FROM finishedUpdate WHERE state IN ('finished', 'sending') ORDER BY rowid").map(Self.update)
        }
    }

    private static func name(of outcome: UpdateOutcome) -> String {
        switch outcome {
        case .accepted: "accepted"
        case .notNeeded: "not-needed"
        case .dropped: "dropped"
        case .rejected(let reason): "rejected " + reason.rawValue
        }
    }

    private static func state(named name: String) throws -> FinishedUpdate.State {
        switch name {
        case "finished": return .finished
        case "sending": return .sending
        case "accepted": return .settled(.accepted)
        case "not-needed": return .settled(.notNeeded)
        case "dropped": return .settled(.dropped)
        default:
            guard name.hasPrefix("rejected "), let reason = RejectionReason(rawValue: String(name.dropFirst(9))) else {
                throw StorageError(.corrupted, "The node's database holds an update in the unknown state \(name); a newer program wrote it.")
            }
            return .settled(.rejected(reason))
        }
    }

    private static func update(_ row: Row) throws -> FinishedUpdate {
        var report: TrainingReport?
        if let lossSum: Double = row["lossSum"] {
            report = TrainingReport(
                lossSum: lossSum, targetCount: row["targetCount"], hitsAt10: row["hitsAt10"], ndcgAt10: row["ndcgAt10"], evaluatedUsers: row["evaluatedUsers"])
        }
        let header = UpdateHeader(
            plan: try Digest(stored: row["plan"]), round: RoundNumber(row["round"]), baseModel: try Digest(stored: row["baseModel"]),
            payload: try Digest(stored: row["digest"]), payloadByteCount: row["byteCount"], report: report)
        return FinishedUpdate(header: header, reservation: row["reservation"], state: try state(named: row["state"]))
    }
}
