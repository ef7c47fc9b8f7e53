import Federation
import Logging
import SecureAggregation

extension Coordinator {
    /// The plan in memory, when it agrees with the storage.
    /// - Throws: ``FederationError`` `.unavailable` before the start and after a failure.
    func readyRun() throws -> PlanRun? {
        guard incarnation != nil, !mustReload else {
            throw FederationError(.unavailable, "The coordinator is starting or recovering. Try again in a few seconds.")
        }
        return planRun
    }

    func currentPlan() throws -> PlanOffer? {
        try readyRun().map { PlanOffer(encodedPlan: $0.record.encodedPlan, catalogByteCount: $0.catalogByteCount, roster: $0.roster?.encoded()) }
    }

    func join(_ declaration: JoinDeclaration, from node: NodeID) async throws {
        try await exclusively {
            guard let run = try readyRun(), run.digest == declaration.plan, !run.isOver else {
                throw FederationError(.failedPrecondition, "Plan \(declaration.plan.short)… does not run here now. Ask for the current plan and join that one.")
            }
            let users = declaration.enrolledUsers
            guard users >= 0, users <= 1 << 40, JoinDeclaration.publicCount(of: users) == users else {
                throw FederationError(.invalidArgument, "The number of enrolled users, \(users), must be rounded to two significant digits.")
            }
            guard run.plan.privacy.aggregation == nil || run.roster?.member(named: node.name) != nil else {
                throw FederationError(
                    .rejected,
                    "Node \(node) is not in the roster of plan \(declaration.plan.short)…, which was fixed when the plan began. It can join the next plan; "
                        + "a node that enrolled with an older release enrols again first, to register its aggregation key.")
            }
            guard run.machine.hasRoom(for: node, enrolledUsers: users) else {
                throw FederationError(
                    .rejected,
                    "With \(users) users more the sums of plan \(declaration.plan.short)… could leave the modulus of "
                        + "\(run.plan.privacy.grid.modulusBits) bits. The operator must start a plan with more bits or a smaller grid scale.")
            }
            try await storage.recordJoin(node, declaration, at: clock.now)
            faults(.joinRecorded)
            try await transitionExclusively(.joined(node, enrolledUsers: users))
            logger.info("Node joined", metadata: ["node": "\(node)", "plan": "\(declaration.plan.short)"])
        }
    }

    func nextAssignment(_ poll: AssignmentPoll, for node: NodeID) async throws -> Assignment {
        let patience = min(max(poll.patience, .zero), .seconds(60))
        let end = clock.now + patience
        // A node in a secure round talks instead of asking for work: this one has begun anew and lost its keys.
        if let secure = try readyRun()?.secureRound, secure.hasSpoken(node) { try await leaveSecureRound(secure.round, node) }
        let remembered = try await remember(poll.ledger, continuing: poll.verifiedLedger, of: node)
        // A node that counts as present changes nothing by being seen again.
        if try member(node, of: poll.plan)?.isPresent == false { try await transition(.seen(node)) }
        while true {
            guard let run = try readyRun(), let incarnation else {
                throw FederationError(.failedPrecondition, "No plan was started here yet. Ask for the current plan.")
            }
            func answer(_ work: Assignment.Work) -> Assignment { Assignment(work: work, newestModel: run.modelToServe, incarnation: incarnation, rememberedLedger: remembered) }
            guard run.digest == poll.plan else { return answer(.otherPlan(run.digest)) }
            guard run.isOver || run.machine.members[node] != nil else {
                throw FederationError(.failedPrecondition, "Node \(node) has not joined plan \(poll.plan.short)…. Join it first.")
            }
            let work = run.machine.work(for: node, at: clock.now)
            guard case .wait = work, run.modelToServe == nil || run.modelToServe?.digest == poll.knownModel else { return answer(work) }
            guard clock.now < end, !Task.isCancelled else { return answer(patience > .zero ? .wait(.zero) : work) }
            await change(until: end)
        }
    }

    /// Takes note of how far the node's ledger is, durably before any answer can make it grow, and only from a node that has checked what was
    /// remembered before.
    /// - Returns: the furthest head that the node has ever shown.
    private func remember(_ head: LedgerHead?, continuing verified: LedgerHead?, of node: NodeID) async throws -> LedgerHead? {
        var remembered = ledgers[node]
        if remembered == nil { remembered = try await storage.rememberedLedger(of: node) }
        if let head, head.count > remembered?.count ?? 0, remembered == nil || verified == remembered {
            try await storage.rememberLedger(head, of: node, at: clock.now)
            remembered = head
        } else if let head, head.count < remembered?.count ?? 0 {
            logger.warning("A node shows an older ledger than before", metadata: ["node": "\(node)", "lines": "\(head.count)"])
        }
        if let remembered, remembered.count >= ledgers[node]?.count ?? 0 { ledgers[node] = remembered }
        return ledgers[node]
    }

    private func member(_ node: NodeID, of plan: Digest) throws -> RoundMachine.Member? {
        guard let run = try readyRun(), run.digest == plan else { return nil }
        return run.machine.members[node]
    }

    func decline(_ round: RoundNumber, of plan: Digest, reason: DeclineReason, by node: NodeID) async throws {
        guard try member(node, of: plan) != nil else { return }
        try await transition(.declined(node, round, reason))
        try await leaveSecureRound(round, node)
    }

    /// - Throws: ``FederationError`` `.notFound` unless the digest names a catalog or model of a plan.
    nonisolated func download(_ digest: Digest, from offset: Int, deliver: @Sendable ([UInt8]) async throws -> Void) async throws {
        guard try await isOffered(digest), let count = try await storage.byteCount(of: digest) else {
            throw FederationError(.notFound, "The coordinator offers nothing under \(digest.short)…. Ask for the current plan and the newest model again.")
        }
        guard (0...count).contains(offset) else {
            throw FederationError(.invalidArgument, "Offset \(offset) is not in 0…\(count), the size of \(digest.short)…. Begin again at 0.")
        }
        var position = offset
        while position < count {
            let piece = try await storage.read(digest, at: position, maximumCount: min(1 << 20, count - position))
            guard !piece.isEmpty else { throw FederationError(.corrupted, "The file \(digest.short)… at the coordinator is cut off; its operator must restore it.") }
            try await deliver(piece)
            position += piece.count
        }
    }

    private func isOffered(_ digest: Digest) async throws -> Bool {
        if let run = try readyRun() {
            if [run.plan.catalog.digest, run.machine.newestModel.digest].contains(digest) { return true }
            if [run.secureRound?.sum, run.finishedRound?.sum].contains(digest) { return true }
        }
        return try await storage.models().contains { $0.reference.digest == digest }
    }
}
