import SeededRandom

extension RoundMachine {
    /// Between rounds: waiting for enough nodes.
    public struct Gathering: Sendable, Hashable {
        /// The earliest start of the next round; `nil` until the minimum cohort is there for the first time.
        var notBefore: WallTime?
    }

    /// Nodes that may be selected now, by name.
    var eligibleNodes: [NodeID] {
        members.filter { $0.value.isPresent && !$0.value.hasWithdrawn && (plan.privacy.isOff || $0.value.enrolledUsers > 0) }.keys.sorted()
    }

    mutating func openRoundIfPossible(_ gathering: Gathering, at now: WallTime) -> [RoundAction] {
        if publishedRounds >= plan.rounds { return end(.finished) }
        if attempts >= plan.maximumAttempts { return end(.outOfAttempts) }
        let eligible = eligibleNodes
        guard eligible.count >= plan.selection.minimumCohort else { return [] }
        // After a restart everybody that joined may be back already: then there is nobody to wait for.
        let everybodyIsBack = attempts > 0 && members.values.allSatisfy { $0.isPresent || $0.hasWithdrawn }
        let notBefore = gathering.notBefore ?? (everybodyIsBack ? now : now + .seconds(plan.selection.gatherSeconds))
        guard now >= notBefore else {
            phase = .gathering(Gathering(notBefore: notBefore))
            return []
        }
        let round = RoundNumber(attempts + 1)
        let opening = RoundOpening(
            round: round, baseModel: newestModel, cohort: select(from: eligible, for: round), openedAt: now,
            deadline: now + .seconds(plan.selection.deadlineSeconds))
        attempts = round.value
        phase = .collecting(Collecting(opening: opening))
        return [.open(opening)]
    }

    /// The cohort: everybody, or a uniform draw without replacement that depends on the plan's seed, the round and the names only.
    private func select(from eligible: [NodeID], for round: RoundNumber) -> [NodeID] {
        let limit = plan.privacy.aggregation?.maximumCohort ?? .max
        guard case .uniform(let count) = plan.selection.rule else {
            return eligible.count <= limit ? eligible : draw(limit, of: eligible, for: round)
        }
        let wanted = max(plan.selection.minimumCohort, Int((Double(count) * plan.selection.overSelection).rounded(.up)))
        return draw(min(wanted, limit), of: eligible, for: round)
    }

    private func draw(_ wanted: Int, of eligible: [NodeID], for round: RoundNumber) -> [NodeID] {
        var stream = RandomStream(seed: plan.seed, "selection").child(round.value)
        var drawn = eligible
        stream.shuffle(&drawn)
        return drawn.prefix(wanted).sorted()
    }

    private mutating func end(_ outcome: PlanOutcome) -> [RoundAction] {
        phase = .ended(outcome)
        return [.endPlan(outcome)]
    }
}
