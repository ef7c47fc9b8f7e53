import CoordinatorCore
import Federation
import RecommenderModels
import Tensors

/// A node whose updates are a function of its name, the round and the base model.
struct TestNode: Sendable {
    let id: NodeID
    let plan: Plan
    /// Sends pieces of this size.
    var pieceByteCount = 100

    init(_ name: String, plan: Plan) {
        self.id = NodeID(name)!
        self.plan = plan
    }

    /// d grid values and, with privacy off, a weight.
    func coordinates(round: Int, base: Digest) throws -> [Int64] {
        let d = try plan.recommender().layout.count
        let seed = Int64(base.bytes[0]) + Int64(round) * 31 + Int64(id.name.utf8.reduce(0) { $0 + Int($1) })
        var values = (0..<d).map { (Int64($0) * 7919 + seed * 104_729) % 2001 - 1000 }
        if plan.privacy.isOff { values.append(3 + seed % 5) }
        return values
    }

    func payload(round: Int, base: Digest) throws -> [UInt8] {
        try UpdateCodec(modulusBits: plan.privacy.grid.modulusBits).encode(coordinates(round: round, base: base))
    }

    func header(round: RoundNumber, base: Digest, payload: [UInt8]) -> UpdateHeader {
        UpdateHeader(
            plan: plan.digest, round: round, baseModel: base, payload: Digest(of: payload), payloadByteCount: payload.count,
            report: plan.privacy.isOff ? TrainingReport(lossSum: 1.5, targetCount: 2, hitsAt10: 1, ndcgAt10: 0.5, evaluatedUsers: 4) : nil)
    }

    /// Takes part until the plan is over, whatever the coordinator goes through.
    /// - Returns: the model to serve.
    func attend(_ coordinator: @Sendable () async -> Coordinator, clock: ManualClock) async throws -> ModelReference? {
        while true {
            try Task.checkCancellation()
            let session = await coordinator().session(for: id)
            do {
                guard try await session.currentPlan() != nil else {
                    try await clock.sleep(until: clock.now + .milliseconds(200))
                    continue
                }
                try await session.join(JoinDeclaration(plan: plan.digest, enrolledUsers: 10))
            } catch let error as FederationError where error.code == .unavailable {
                try await clock.sleep(until: clock.now + .milliseconds(200))
                continue
            } catch let error as FederationError where error.code == .failedPrecondition { /* over already: the poll says so */ }
            do {
                let answer = try await session.nextAssignment(AssignmentPoll(plan: plan.digest, patience: .seconds(5)))
                switch answer.work {
                case .planEnded: return answer.newestModel
                case .train(let assignment): _ = try await send(assignment, over: session)
                case .wait, .otherPlan: try await clock.sleep(until: clock.now + .milliseconds(50))
                }
            } catch let error as FederationError where error.code == .unavailable {
                try await clock.sleep(until: clock.now + .milliseconds(200))
            }
        }
    }

    func send(_ assignment: RoundAssignment, over session: CoordinatorSession) async throws -> UploadStatus {
        let payload = try payload(round: assignment.round.value, base: assignment.model.digest)
        return try await send(payload, header(round: assignment.round, base: assignment.model.digest, payload: payload), over: session)
    }

    func send(_ payload: [UInt8], _ header: UpdateHeader, over session: CoordinatorSession) async throws -> UploadStatus {
        var status = try await session.uploadStatus(of: header)
        while case .incomplete(let offset) = status {
            status = try await session.upload(header, from: offset, source: ByteSource(bytes: payload, pieceByteCount: pieceByteCount))
        }
        return status
    }
}

struct ByteSource: UpdateSource {
    var bytes: [UInt8]
    var pieceByteCount = 1 << 20
    /// Ends early, like a lost connection.
    var end = Int.max
    func read(at offset: Int, maximumCount: Int) async -> [UInt8] {
        guard offset < min(bytes.count, end) else { return [] }
        return Array(bytes[offset..<min(offset + min(maximumCount, pieceByteCount), bytes.count, end)])
    }
}

extension CoordinatorSession {
    /// Whether the coordinator is up and has taken the plan up.
    var offersPlan: Bool {
        get async {
            guard let offer = try? await currentPlan() else { return false }
            return !offer.encodedPlan.isEmpty
        }
    }
}
