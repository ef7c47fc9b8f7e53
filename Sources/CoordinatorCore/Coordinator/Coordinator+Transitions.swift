import Federation
import Logging
import Metrics

extension Coordinator {
    /// Takes an event to the round machine and performs what it asks for; each record is durable before anybody can see it.
    func transition(_ event: RoundEvent) async throws {
        try await exclusively { try await transitionExclusively(event) }
    }

    /// The same inside ``exclusively(_:)``.
    func transitionExclusively(_ event: RoundEvent) async throws {
        guard !mustReload, let before = planRun else { return }
        var after = before
        let actions = after.machine.handle(event, at: clock.now)
        do {
            for action in actions { try await perform(action, in: &after) }
        } catch {
            // Some of the actions may be recorded: the storage knows where the round stands, memory no longer does.
            mustReload = true
            throw error
        }
        planRun = after
        // Thousands may be waiting: an update that came in is nothing to them.
        if actions.contains(where: \.concernsEverybody) { wakeAll() } else if after.roundToAggregate != nil { wakeOwn() }
    }

    private func perform(_ action: RoundAction, in run: inout PlanRun) async throws {
        let plan = run.digest
        let now = clock.now
        switch action {
        case .open(let opening):
            try await storage.openRound(opening, of: plan)
            faults(.selectionRecorded)
            try openSecureRound(opening, in: &run)
            CoordinatorMetrics.roundsOpened.increment()
            logger.info("Round opened", metadata: ["round": "\(opening.round)", "cohort": "\(opening.cohort.count)"])
        case .accept(let update, let round):
            try await storage.acceptUpdate(update, in: round, of: plan)
            faults(.updateAccepted)
            CoordinatorMetrics.updatesAccepted.increment()
            CoordinatorMetrics.bytesAccepted.increment(by: update.byteCount)
            logger.info("Update accepted", metadata: ["round": "\(round)", "node": "\(update.node)"])
        case .recordDecline(let node, let reason, let round):
            try await storage.recordDecline(node, reason: reason, in: round, of: plan, at: now)
            logger.info("Node declined", metadata: ["round": "\(round)", "node": "\(node)", "reason": "\(reason.rawValue)"])
        case .recordWithdrawal(let node, let reason):
            try await storage.recordWithdrawal(node, from: plan, reason: reason, at: now)
            logger.notice("Node withdrew from the plan", metadata: ["node": "\(node)", "reason": "\(reason.rawValue)"])
        case .closeCollection(let round):
            try await storage.closeCollection(of: round, of: plan, at: now)
            faults(.collectionClosed)
        case .aggregate(let round):
            run.roundToAggregate = round
        case .publish(let model, let round):
            faults(.beforePublishRecord)
            try await storage.publish(model, in: round, of: plan, at: now)
            faults(.published)
            run.roundToAggregate = nil
            CoordinatorMetrics.roundsPublished.increment()
            logger.info("Model published", metadata: ["round": "\(round)", "model": "\(model.digest.short)"])
            try await discardUploads(of: plan, upTo: round)
        case .abandon(let round, let reason):
            try await storage.abandon(round, of: plan, reason: reason, at: now)
            run.roundToAggregate = nil
            CoordinatorMetrics.roundsAbandoned.increment()
            logger.warning("Round abandoned", metadata: ["round": "\(round)", "reason": "\(reason.rawValue)"])
            try await discardUploads(of: plan, upTo: round)
        case .endPlan(let outcome):
            try await storage.setState(outcome.state(of: run), of: plan, at: now)
            logger.notice("Plan ended", metadata: ["plan": "\(plan.short)", "published": "\(run.machine.publishedRounds)"])
        }
    }

    /// Updates are needed only while their round may still have to be summed.
    func discardUploads(of plan: Digest, upTo round: RoundNumber) async throws {
        for upload in try await storage.uploads(of: plan) where upload.round <= round { try await storage.discard(upload) }
    }
}

extension PlanOutcome {
    fileprivate func state(of run: PlanRun) -> PlanState {
        switch self {
        case .finished: .finished
        case .stopped: .stopped
        case .outOfAttempts:
            .failed(
                reason: "\(run.machine.publishedRounds) of \(run.plan.rounds) rounds were published in the \(run.plan.maximumAttempts) attempts that the plan "
                    + "allows. See why rounds were abandoned, and start a plan with more attempts or a longer deadline.")
        }
    }
}
