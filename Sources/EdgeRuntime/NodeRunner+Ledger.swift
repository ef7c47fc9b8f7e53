internal import DifferentialPrivacy
internal import Federation

extension NodeRunner {
    func ledger() async throws -> PrivacyLedger {
        try PrivacyLedger(budget: PrivacyBudget(epsilon: policy.epsilon, delta: policy.delta), entries: try await storage.ledgerEntries())
    }

    /// Whether one more round of the plan fits into the budget.
    func affords(_ round: RoundNumber, of standing: PlanStanding) async throws -> Bool {
        guard let event = standing.event else { return true }
        return try await ledger().affords(event)
    }

    /// Charges the round, durably, before anything is computed.
    /// - Returns: the entry's sequence; `nil` with privacy off.
    func reserve(_ round: RoundNumber, of standing: PlanStanding) async throws -> Int? {
        guard let event = standing.event else { return nil }
        var ledger = try await ledger()
        let entry = try ledger.reserve(event, plan: standing.digest.hex, round: round.value)
        try await storage.appendReservation(entry, at: clock.now)
        return entry.sequence
    }
}
