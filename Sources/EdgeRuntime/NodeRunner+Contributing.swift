internal import DifferentialPrivacy
internal import Federation
internal import Logging

extension NodeRunner {
    /// One round: what is durable decides whether to resend, decline, or train.
    func contribute(to assignment: RoundAssignment) async throws {
        guard var standing else { return }
        let data = try await trainingData(for: &standing)
        self.standing = standing
        let facts = RoundFacts(
            update: try await storage.update(plan: standing.digest, round: assignment.round), eligibleUsers: data.eligible.count,
            affordable: try await affords(assignment.round, of: standing))
        let decision = RoundDecision(
            assignment, facts: facts, minimumUsers: policy.minimumUsers, maximumAttempts: standing.plan.maximumAttempts)
        switch decision {
        case .alreadySettled(let outcome):
            logger.info("round was settled before", metadata: ["round": "\(assignment.round)", "outcome": "\(outcome)"])
            try await clock.sleep(until: clock.now + options.shortestPause)
        case .decline(let reason): try await decline(assignment.round, reason)
        case .resend(let update):
            logger.info("resending the finished update", metadata: ["round": "\(assignment.round)", "digest": "\(update.digest.short)"])
            do { try await send(update) } catch let error as StorageError where error.code == .corrupted {
                // The bytes are lost; other bytes for the same round would be a second release.
                logger.error("the finished update is lost", metadata: ["round": "\(assignment.round)", "error": "\(error)"])
                try await storage.settleUpdate(update.digest, as: .dropped, at: clock.now)
                try await decline(assignment.round, .trainingFailed)
            }
        case .prepare where standing.aggregation != nil:
            do { try await aggregate(assignment, standing, data) } catch let error as PrivacyError {
                guard error.code != .inconsistentLedger else { throw error }
                logger.error("no part in the round", metadata: ["round": "\(assignment.round)", "error": "\(error)"])
                try await decline(assignment.round, Self.reason(for: error))
                if error.code == .periodExhausted { try await waitForPeriod(of: standing) }
                return
            }
        case .prepare:
            try await dropUnsettledUpdates(exceptOf: standing.digest, round: assignment.round)
            let update: FinishedUpdate
            do { update = try await prepare(assignment, standing, data) } catch let error as PrivacyError {
                logger.error("no update for the round", metadata: ["round": "\(assignment.round)", "error": "\(error)"])
                guard error.code != .inconsistentLedger else { throw error }
                try await decline(assignment.round, Self.reason(for: error))
                if error.code == .periodExhausted { try await waitForPeriod(of: standing) }
                return
            } catch where Task.isCancelled {
                await declineWhileStopping(assignment.round, of: standing.digest)
                throw CancellationError()
            }
            try await send(update)
        }
        if !options.servesModels { try await storage.retainBlobs([standing.plan.catalog.digest]) }
    }

    /// Reserve, train, clip, sum, noise, encode; the finished bytes are durable when this returns.
    private func prepare(_ assignment: RoundAssignment, _ standing: PlanStanding, _ data: TrainingData) async throws -> FinishedUpdate {
        let base = try await version(assignment.model, in: standing)
        var report: TrainingReport?
        if case .off = standing.plan.privacy.mode {
            let evaluated = options.evaluates ? try await evaluation(of: assignment.model, parameters: base.parameters) : nil
            report = TrainingReport(
                lossSum: 0, targetCount: 0, hitsAt10: evaluated?.hitsAt10 ?? 0, ndcgAt10: evaluated?.ndcgAt10 ?? 0, evaluatedUsers: evaluated?.users ?? 0)
        }
        let reservation = try await reserve(assignment.round, of: standing, users: data)
        do {
            try await faults(.afterReservation, assignment.round)
            observe(.training(assignment.round, users: data.eligible.count))
            let contribution = try await withTaskExecutorPreference(computeExecutor) {
                try await LocalContribution.train(assignment.round, of: standing, data: data, base: base, node: node, noise: noise)
            }
            try Task.checkCancellation()
            try await faults(.duringTraining, assignment.round)
            observe(
                .trained(
                    assignment.round, meanLoss: contribution.meanLoss, clippedUsers: contribution.clippedUsers, users: contribution.users))
            report?.lossSum = contribution.lossSum
            report?.targetCount = contribution.targetCount
            let bytes = try contribution.encoded(for: standing.plan, round: assignment.round, node: node, noise: noise)
            let header = UpdateHeader(
                plan: standing.digest, round: assignment.round, baseModel: assignment.model.digest, payload: Digest(of: bytes),
                payloadByteCount: bytes.count, report: report)
            let update = FinishedUpdate(header: header, reservation: reservation)
            try await storage.storeUpdate(update, bytes: bytes)
            try await faults(.updateDurable, assignment.round)
            return update
        } catch {
            // Nothing has left and nothing will: the finished bytes, if any, are not durable in the sense of a record.
            if !(error is NodeFault), let reservation, try await storage.update(plan: standing.digest, round: assignment.round) == nil {
                try await storage.cancelReservation(reservation, at: clock.now)
            }
            throw error
        }
    }

    /// Marks the update as leaving, then sends what the coordinator does not hold yet, and records its decision.
    private func send(_ update: FinishedUpdate) async throws {
        var status = try await coordinator.uploadStatus(of: update.header)
        var attempts = 0
        while case .incomplete(let offset) = status {
            attempts += 1
            guard attempts <= 5 else {
                throw FederationError(.unavailable, "The coordinator took the update of round \(update.header.round) \(attempts - 1) times without deciding about it.")
            }
            try await storage.beginSending(update.digest, at: clock.now)
            let source = OutboxSource(update: update, storage: storage, faults: faults, observe: observe)
            status = try await coordinator.upload(update.header, from: offset, source: source)
        }
        try await faults(.afterUploadBeforeAnswer, update.header.round)
        let outcome: UpdateOutcome
        switch status {
        case .accepted: outcome = .accepted
        case .notNeeded: outcome = .notNeeded
        case .rejected(let reason): outcome = .rejected(reason)
        case .incomplete: return
        }
        if case .rejected(let reason) = outcome {
            logger.error("update rejected", metadata: ["round": "\(update.header.round)", "reason": "\(reason.rawValue)"])
        } else {
            logger.info("update settled", metadata: ["round": "\(update.header.round)", "outcome": "\(outcome)"])
        }
        try await storage.settleUpdate(update.digest, as: outcome, at: clock.now)
        observe(.settled(update.header.round, outcome))
    }

    func decline(_ round: RoundNumber, _ reason: DeclineReason) async throws {
        guard let standing else { return }
        logger.warning("round declined", metadata: ["round": "\(round)", "reason": "\(reason.rawValue)"])
        try await coordinator.decline(round, of: standing.digest, reason: reason)
        observe(.declined(round, reason))
    }

    private static func reason(for error: PrivacyError) -> DeclineReason {
        switch error.code {
        case .budgetExhausted: .budgetExhausted
        case .periodExhausted: .periodExhausted
        default: .trainingFailed
        }
    }

    /// Tells the coordinator not to wait, from a task of its own since this one is cancelled already.
    private func declineWhileStopping(_ round: RoundNumber, of plan: Digest) async {
        let coordinator = coordinator
        let task = Task { try await coordinator.decline(round, of: plan, reason: .shuttingDown) }
        if case .success = await task.result { observe(.declined(round, .shuttingDown)) }
    }

    /// Updates of rounds that are over: what never left returns its budget, what may have left stays spent.
    func dropUnsettledUpdates(exceptOf plan: Digest?, round: RoundNumber? = nil) async throws {
        for update in try await storage.unsettledUpdates() where update.header.plan != plan || (round != nil && update.header.round != round) {
            if case .finished = update.state, let reservation = update.reservation {
                try await storage.cancelReservation(reservation, at: clock.now)
            }
            try await storage.settleUpdate(update.digest, as: .dropped, at: clock.now)
        }
    }
}

/// The finished bytes as the uploader reads them.
private struct OutboxSource: UpdateSource {
    let update: FinishedUpdate
    let storage: any NodeStorage
    let faults: NodeFaultHook
    let observe: @Sendable (NodeProgress) -> Void

    func read(at offset: Int, maximumCount: Int) async throws -> [UInt8] {
        if offset > 0, offset < update.header.payloadByteCount { try await faults(.duringUpload, update.header.round) }
        // At least two pieces, however small the update is.
        let piece = max(1, (update.header.payloadByteCount + 1) / 2)
        let bytes = try await storage.readUpdate(update.digest, at: offset, maximumCount: min(maximumCount, piece))
        observe(.uploading(update.header.round, bytes: offset + bytes.count, of: update.header.payloadByteCount))
        return bytes
    }
}
