extension RoundMachine {
    /// Leases are out; updates come in.
    public struct Collecting: Sendable, Hashable {
        public let opening: RoundOpening
        /// When waiting ends; later than the recorded deadline only after a restart.
        public var deadline: WallTime
        /// In order of acceptance.
        public private(set) var updates: [AcceptedUpdate] = []
        public private(set) var declined: Set<NodeID> = []
        /// Nodes that still owe an answer.
        public private(set) var outstanding: Set<NodeID>

        init(opening: RoundOpening) {
            self.opening = opening
            deadline = opening.deadline
            outstanding = Set(opening.cohort)
        }
        public func update(of node: NodeID) -> AcceptedUpdate? { updates.first { $0.node == node } }

        mutating func accept(_ update: AcceptedUpdate) {
            updates.append(update)
            outstanding.remove(update.node)
        }

        mutating func decline(_ node: NodeID) {
            declined.insert(node)
            outstanding.remove(node)
        }
    }

    mutating func accept(_ update: AcceptedUpdate, _ round: RoundNumber, at now: WallTime) -> [RoundAction] {
        // Not passed through `advance` first: an update whose bytes were verified in time is not lost to a clock that moved on since.
        guard case .collecting(var collecting) = phase, collecting.opening.round == round, collecting.outstanding.contains(update.node) else {
            return advance(at: now)
        }
        collecting.accept(update)
        if members[update.node]?.isPresent == false { members[update.node]?.isPresent = true }
        phase = .collecting(collecting)
        return [.accept(update, round)] + closeCollectionIfDue(collecting, at: now)
    }

    mutating func decline(_ node: NodeID, _ round: RoundNumber, _ reason: DeclineReason, at now: WallTime) -> [RoundAction] {
        guard var member = members[node], case .collecting(var collecting) = phase, collecting.opening.round == round,
            collecting.outstanding.contains(node)
        else { return advance(at: now) }
        var actions: [RoundAction] = [.recordDecline(node, reason, round)]
        switch reason {
        case .budgetExhausted, .tooFewUsers:
            // Neither changes while the plan lasts.
            member.hasWithdrawn = true
            actions.append(.recordWithdrawal(node, reason))
        case .shuttingDown, .trainingFailed, .periodExhausted:
            member.isPresent = false
        }
        members[node] = member
        collecting.decline(node)
        phase = .collecting(collecting)
        return actions + closeCollectionIfDue(collecting, at: now)
    }

    /// The set of survivors is the accepted updates; whoever is missing counts as gone until it asks for work.
    mutating func fixSurvivors(of round: RoundNumber, at now: WallTime) -> [RoundAction] {
        guard case .collecting(let collecting) = phase, collecting.opening.round == round else { return [] }
        guard collecting.updates.count >= plan.selection.quorum else { return abandon(round, .quorumUnreachable, at: now) }
        for node in collecting.outstanding { members[node]?.isPresent = false }
        phase = .aggregating(Aggregating(opening: collecting.opening, updates: collecting.updates))
        return [.closeCollection(round)]
    }

    mutating func closeCollectionIfDue(_ collecting: Collecting, at now: WallTime) -> [RoundAction] {
        // The stages of secure aggregation have deadlines of their own; only what can never succeed is given up here.
        if plan.privacy.aggregation != nil {
            guard collecting.updates.count + collecting.outstanding.count < plan.selection.quorum else { return [] }
            return abandon(collecting.opening.round, .quorumUnreachable, at: now)
        }
        let outstanding = collecting.outstanding
        let accepted = collecting.updates.count
        let isComplete = outstanding.isEmpty || accepted >= enoughUpdates(of: collecting.opening)
        let isLate = now >= collecting.deadline
        let quorum = plan.selection.quorum
        guard isComplete || isLate || accepted + outstanding.count < quorum else { return [] }
        // Whoever owes an answer still works or is gone: either way not selected again before it asks for work.
        for node in outstanding { members[node]?.isPresent = false }
        if accepted >= quorum {
            phase = .aggregating(Aggregating(opening: collecting.opening, updates: collecting.updates))
            return [.closeCollection(collecting.opening.round), .aggregate(collecting.opening.round)]
        }
        return abandon(collecting.opening.round, isLate ? .deadlinePassed : .quorumUnreachable, at: now)
    }

    /// So many updates end the collection before everybody answered: the count asked for, without the spare nodes.
    private func enoughUpdates(of opening: RoundOpening) -> Int {
        switch plan.selection.rule {
        case .all: opening.cohort.count
        case .uniform(let count): max(min(count, opening.cohort.count), plan.selection.quorum)
        }
    }

    mutating func abandon(_ round: RoundNumber, _ reason: AbandonReason, at now: WallTime) -> [RoundAction] {
        let next = Gathering(notBefore: now + Self.pauseAfterAbandonedRound)
        phase = .gathering(next)
        return [.abandon(round, reason)] + openRoundIfPossible(next, at: now)
    }
}
