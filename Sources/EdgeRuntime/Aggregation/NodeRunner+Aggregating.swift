internal import DifferentialPrivacy
internal import Federation
internal import Logging
internal import RecommenderModels
internal import SecureAggregation
internal import Tensors

/// Privacy mode `distributed`: the node's shell around the protocol's machine. What must be durable is so before it is told.
extension NodeRunner {
    /// One round under masks. A round that was entered before this process began is lost: its keys were in memory only.
    func aggregate(_ assignment: RoundAssignment, _ standing: PlanStanding, _ data: TrainingData) async throws {
        guard let aggregation = standing.aggregation else { return }
        let entered = try await storage.lastAggregation(of: standing.digest)
        if let entered, entered.round >= assignment.round {
            logger.warning("the round was entered before and is lost", metadata: ["round": "\(assignment.round)"])
            return try await decline(assignment.round, .trainingFailed)
        }
        let base = try await version(assignment.model, in: standing)
        var session = AggregationSession(
            machine: NodeRound(
                identity: aggregation.identity, roster: aggregation.roster, policy: aggregation.policy, lastRound: entered.map { UInt64($0.round.value) },
                entropy: entropy),
            assignment: assignment, standing: standing, data: data, base: base)
        do {
            try await converse(&session)
        } catch {
            if !(error is NodeFault) { try await close(session) }
            throw error
        }
        try await close(session)
    }

    /// Listens and answers until the round is over for this node.
    private func converse(_ session: inout AggregationSession) async throws {
        let round = session.assignment.round
        while !session.hasEnded {
            try Task.checkCancellation()
            let mail = try await exchange(
                AggregationExchange(
                    plan: session.standing.digest, round: round, message: session.outgoing, received: session.received, patience: max(options.patience, .seconds(2))))
            session.outgoing = nil
            for message in mail.messages {
                session.received += 1
                try await perform(session.machine.handle(.message(message)), &session)
            }
            if mail.isOver, mail.messages.isEmpty { try await perform(session.machine.handle(.timedOut), &session) }
        }
    }

    /// Asks again while nobody answers: another attempt at the round would be another round.
    private func exchange(_ exchange: AggregationExchange) async throws -> AggregationMail {
        var failures = 0
        while true {
            do { return try await coordinator.exchange(exchange) } catch let error as FederationError where error.code == .unavailable && failures < Self.exchangeAttempts {
                let pause = min(options.shortestPause * (1 << min(failures, 16)), options.longestPause)
                failures += 1
                observe(.unavailable("\(error)", pause: pause))
                try await clock.sleep(until: clock.now + pause)
            }
        }
    }

    private static let exchangeAttempts = 20

    private func perform(_ actions: [NodeAction], _ session: inout AggregationSession) async throws {
        let round = session.assignment.round
        for action in actions {
            switch action {
            case .reserve(let reservation): try await enter(reservation, &session)
            case .send(let message):
                if let point = Self.faultPoint(before: message.kind) { try await faults(point, round) }
                session.outgoing = message.encoded()
            case .provideInput: try await perform(session.machine.handle(.input(session.input)), &session)
            case .sendInput(let message, let payload): try await sendMasked(payload, message, &session)
            case .persistDecision(let decision):
                try await storage.decideUnmasking(plan: session.standing.digest, round: round, survivors: Digest(decision.survivorsDigest), at: clock.now)
                try await faults(.decisionDurable, round)
                try await perform(session.machine.handle(.decisionDurable), &session)
            case .applyStep(let summary):
                let model = try await applyStep(summary, session)
                try await faults(.stepApplied, round)
                try await perform(session.machine.handle(model.map { .nextModel($0) } ?? .timedOut), &session)
            case .alarm(let alarm):
                logger.error("secure aggregation: alarm", metadata: ["round": "\(round)", "alarm": "\(alarm)"])
                observe(.alarm(round, "\(alarm)"))
            case .ended(let end):
                session.end = end
                logger.info("secure aggregation ended", metadata: ["round": "\(round)", "end": "\(end)"])
            }
        }
    }

    private static func faultPoint(before kind: MessageKind) -> NodeFaultPoint? {
        switch kind {
        case .advertisement: .beforeKeys
        case .shares: .beforeShares
        case .consistency: .beforeConsistency
        case .unmasking: .beforeUnmasking
        case .confirmation: .beforeConfirmation
        default: nil
        }
    }

    /// Charges the round and records that it is entered, then trains: whoever drops out of the long part has told nobody anything yet.
    private func enter(_ reservation: RoundReservation, _ session: inout AggregationSession) async throws {
        let (assignment, standing) = (session.assignment, session.standing)
        guard reservation.round == UInt64(assignment.round.value), Digest(reservation.modelDigest) == assignment.model.digest else {
            logger.error("the announced round is not the assigned one", metadata: ["round": "\(assignment.round)"])
            return try await perform(session.machine.handle(.declined), &session)
        }
        session.reservation = try await reserve(assignment.round, of: standing, users: session.data)
        try await storage.enterAggregation(
            AggregationRecord(plan: standing.digest, round: assignment.round, session: Digest(reservation.session), reservation: session.reservation), at: clock.now)
        try await faults(.afterReservation, assignment.round)
        observe(.training(assignment.round, users: session.data.eligible.count))
        let (data, base) = (session.data, session.base)
        let contribution = try await withTaskExecutorPreference(computeExecutor) {
            try await LocalContribution.train(assignment.round, of: standing, data: data, base: base, node: node, noise: noise)
        }
        try Task.checkCancellation()
        try await faults(.duringTraining, assignment.round)
        observe(
            .trained(assignment.round, meanLoss: contribution.meanLoss, clippedUsers: contribution.clippedUsers, users: contribution.users))
        session.input = try contribution.partlyNoised(for: standing.plan, round: assignment.round, node: node, noise: noise).coordinates
        try await perform(session.machine.handle(.reserved), &session)
    }

    /// The ledger says that bytes leave; then they do.
    private func sendMasked(_ payload: [UInt8], _ message: SignedMessage, _ session: inout AggregationSession) async throws {
        let (assignment, standing) = (session.assignment, session.standing)
        try await storage.beginSendingMasked(plan: standing.digest, round: assignment.round, at: clock.now)
        session.hasSent = true
        try await faults(.beforeMaskedInput, assignment.round)
        let header = UpdateHeader(
            plan: standing.digest, round: assignment.round, baseModel: assignment.model.digest, payload: Digest(of: payload), payloadByteCount: payload.count,
            maskedInput: message.encoded())
        let source = MaskedSource(payload: payload, round: assignment.round, faults: faults, observe: observe)
        var failures = 0
        while true {
            do {
                let status = try await upload(header, source)
                try await faults(.afterMaskedInput, assignment.round)
                guard case .accepted = status else {
                    logger.warning("the masked input does not count", metadata: ["round": "\(assignment.round)", "status": "\(status)"])
                    return try await perform(session.machine.handle(.timedOut), &session)
                }
                observe(.settled(assignment.round, .accepted))
                return
            } catch let error as FederationError where error.code == .unavailable && failures < Self.exchangeAttempts {
                failures += 1
                try await clock.sleep(until: clock.now + min(options.shortestPause * failures, options.longestPause))
            }
        }
    }

    private func upload(_ header: UpdateHeader, _ source: MaskedSource) async throws -> UploadStatus {
        var status = try await coordinator.uploadStatus(of: header)
        var attempts = 0
        while case .incomplete(let offset) = status, attempts < 5 {
            attempts += 1
            status = try await coordinator.upload(header, from: offset, source: source)
        }
        return status
    }

    /// The node's own next model from the published sum, kept under its digest so that it need not be fetched.
    /// - Returns: `nil` when the sum gives none.
    private func applyStep(_ summary: AggregateSummary, _ session: AggregationSession) async throws -> Hash256? {
        let (assignment, standing) = (session.assignment, session.standing)
        let layout = standing.recommender.layout
        let codec = UpdateCodec(modulusBits: standing.plan.privacy.grid.modulusBits)
        let count = codec.byteCount(coordinates: layout.count)
        let sum = try codec.decode(try await fetch(Digest(summary.sumDigest), byteCount: count, limit: count))
        guard let bytes = try await storage.blob(assignment.model.digest) else { return nil }
        let base = try ModelVersion(encoded: bytes, layout: layout, optimizer: standing.plan.serverOptimizer, plan: standing.digest)
        guard let version = base.next(in: assignment.round, parent: assignment.model.digest, sum: sum, enrolledUsers: Int(clamping: summary.users), of: standing.plan),
            version.isFinite
        else { return nil }
        let next = version.encoded(layout: layout)
        let digest = Digest(of: next)
        if case .partial(let held) = try await storage.blobProgress(digest) {
            if held < next.count { try await storage.appendToBlob(digest, at: held, Array(next[held...])) }
            try await storage.completeBlob(digest)
        }
        return Hash256(digest)
    }

    /// What was reserved and told nobody anything is given back.
    private func close(_ session: AggregationSession) async throws {
        guard let reservation = session.reservation, !session.hasSent else { return }
        try await storage.cancelReservation(reservation, at: clock.now)
    }
}

/// A node's part in one round, while it lasts.
struct AggregationSession: Sendable {
    var machine: NodeRound
    let assignment: RoundAssignment
    let standing: PlanStanding
    let data: TrainingData
    /// The model version trained from.
    let base: ModelVersion
    /// What goes with the next question.
    var outgoing: [UInt8]?
    /// The coordinator's messages so far.
    var received = 0
    /// The node's noised part, d grid values.
    var input: [Int64] = []
    var reservation: Int?
    /// Whether masked bytes may have left.
    var hasSent = false
    var end: RoundEnd?
    var hasEnded: Bool { end != nil }
}

/// The masked input as the uploader reads it.
private struct MaskedSource: UpdateSource {
    let payload: [UInt8]
    let round: RoundNumber
    let faults: NodeFaultHook
    let observe: @Sendable (NodeProgress) -> Void

    func read(at offset: Int, maximumCount: Int) async throws -> [UInt8] {
        if offset > 0, offset < payload.count { try await faults(.duringUpload, round) }
        // At least two pieces, however small it is.
        let end = min(payload.count, offset + min(maximumCount, max(1, (payload.count + 1) / 2)))
        observe(.uploading(round, bytes: end, of: payload.count))
        return offset < end ? Array(payload[offset..<end]) : []
    }
}
