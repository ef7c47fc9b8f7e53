import Federation
import Logging
import SecureAggregation
import Tensors

/// Privacy mode `distributed`: the coordinator passes messages on, waits for the slowest no longer than the stage lasts, and learns the sum.
extension Coordinator {
    /// Makes the round's machine when a round has been opened; a cohort that it does not take is an abandoned round.
    func openSecureRound(_ opening: RoundOpening, in run: inout PlanRun) throws {
        guard run.plan.privacy.aggregation != nil, let roster = run.roster else { return }
        run.finishedRound = run.secureRound
        do {
            let session = try Hash256(random: entropy, for: EntropyPurpose(path: ["session", run.digest.hex, "\(opening.round)"]))
            run.secureRound = try SecureRound(
                opening, plan: run.plan, parameters: run.layout.count, roster: roster, users: run.machine.members.mapValues(\.enrolledUsers),
                session: session, at: clock.now)
        } catch let error as SecureAggregationError {
            logger.error("The round cannot be aggregated securely", metadata: ["round": "\(opening.round)", "error": "\(error)"])
            run.secureRound = nil
        }
    }

    func exchange(_ exchange: AggregationExchange, for node: NodeID) async throws -> AggregationMail {
        guard exchange.received >= 0, exchange.message?.count ?? 0 <= AggregationExchange.maximumMessageByteCount else {
            throw FederationError(.invalidArgument, "A message of secure aggregation has at most \(AggregationExchange.maximumMessageByteCount) bytes.")
        }
        let end = clock.now + min(max(exchange.patience, .zero), .seconds(60))
        if let message = exchange.message { try await deliver(message, of: node, exchange) }
        while true {
            guard let run = try readyRun(), run.digest == exchange.plan, let secure = run.secureRound(exchange.round), secure.member(node) != nil else {
                return AggregationMail(messages: [], isOver: true)
            }
            let messages = secure.mail(for: node, from: exchange.received)
            let isOver = secure.isOver || run.machine.openRound != exchange.round
            if !messages.isEmpty || isOver { return AggregationMail(messages: messages, isOver: isOver && messages.isEmpty) }
            guard clock.now < end, !Task.isCancelled else { return AggregationMail(messages: [], isOver: false) }
            await change(until: end)
        }
    }

    private func deliver(_ message: [UInt8], of node: NodeID, _ exchange: AggregationExchange) async throws {
        try await exclusively {
            guard let run = try readyRun(), run.digest == exchange.plan, var secure = run.secureRound, secure.round == exchange.round, !secure.isOver else { return }
            let outcomes = secure.receive(message, from: node, at: clock.now) ?? []
            try await follow(outcomes, of: secure)
        }
    }

    /// A masked input whose bytes are stored and verified: lets it count for the protocol and for the round.
    /// - Returns: `false` when the protocol refuses it.
    func acceptMaskedInput(_ update: AcceptedUpdate, message: [UInt8], in round: RoundNumber) async throws -> Bool {
        guard var secure = planRun?.secureRound, secure.round == round else { return false }
        guard let outcomes = secure.receive(message, from: update.node, payload: (update.payload, update.byteCount), at: clock.now) else { return false }
        try await transitionExclusively(.updateArrived(update, round))
        try await follow(outcomes, of: secure)
        return true
    }

    /// Nobody waits any more for a node that declined.
    func leaveSecureRound(_ round: RoundNumber, _ node: NodeID) async throws {
        try await exclusively {
            guard var secure = planRun?.secureRound, secure.round == round else { return }
            let outcomes = secure.left(node, at: clock.now)
            try await follow(outcomes, of: secure)
        }
    }

    /// Checks the stage's deadline, and that the open round has a machine: what was masked for an earlier start of the coordinator is lost.
    func driveSecureRound() async throws {
        guard let run = planRun, run.plan.privacy.aggregation != nil, run.machine.openRound != nil else { return }
        try await exclusively {
            guard let run = planRun, let round = run.machine.openRound else { return }
            guard var secure = run.secureRound, secure.round == round else {
                if case .collecting = run.machine.phase { try await transitionExclusively(.aggregationAborted(round, .aggregationLost)) }
                return
            }
            let outcomes = secure.checkDeadline(at: clock.now)
            if !outcomes.isEmpty || secure.deadline != run.secureRound?.deadline { try await follow(outcomes, of: secure) }
        }
    }

    /// The sum is durable and the next model computed: publishes once the nodes have confirmed it, or at once when nobody is there to do so.
    func announceSum(_ digest: Digest, model: ModelReference, of round: RoundNumber) async throws {
        try await exclusively {
            planRun?.roundToAggregate = nil
            guard var secure = planRun?.secureRound, secure.round == round, !secure.isOver else {
                // The nodes were told by an earlier start of the coordinator, or never; they check the model when they fetch it.
                return try await transitionExclusively(.aggregated(round, model))
            }
            let outcomes = secure.summed(digest, model: model, at: clock.now)
            try await follow(outcomes, of: secure)
        }
    }

    /// Performs what a change of the secure round leads to, durably, before its messages can be seen.
    private func follow(_ outcomes: [SecureRound.Outcome], of secure: SecureRound) async throws {
        let round = secure.round
        for outcome in outcomes {
            switch outcome {
            case .survivorsFixed:
                try await transitionExclusively(.survivorsFixed(round))
                faults(.survivorsFixed)
            case .unmasked:
                faults(.unmasked)
                try await transitionExclusively(.unmasked(round))
            case .confirmed(let model):
                faults(.confirmed)
                try await transitionExclusively(.aggregated(round, model))
            case .failed(let reason, let why):
                logger.error("Secure aggregation failed", metadata: ["round": "\(round)", "why": "\(why)"])
                try await transitionExclusively(.aggregationAborted(round, reason))
            case .noted(let what):
                logger.warning("Secure aggregation", metadata: ["round": "\(round)", "note": "\(what)"])
            }
        }
        // The next round may have been opened on the way.
        if planRun?.secureRound?.round == round { planRun?.secureRound = secure } else { planRun?.finishedRound = secure }
        wakeAll()
    }
}

extension PlanRun {
    /// The round's machine, also for a while after the round is over, for those who have not read everything.
    func secureRound(_ round: RoundNumber) -> SecureRound? {
        [secureRound, finishedRound].lazy.compactMap { $0 }.first { $0.round == round }
    }
}
