internal import DifferentialPrivacy
internal import Federation

extension NodeRunner {
    func ledger() async throws -> PrivacyLedger {
        try PrivacyLedger(budget: policy.budget(), entries: try await storage.ledgerEntries())
    }

    /// Whether one more round of the plan fits into the budget.
    func affords(_ round: RoundNumber, of standing: PlanStanding) async throws -> Bool {
        guard let event = standing.event else { return true }
        return try await ledger().affords(event)
    }

    /// Charges the round, durably, before anything is computed.
    /// - Returns: the entry's sequence; `nil` with privacy off.
    func reserve(_ round: RoundNumber, of standing: PlanStanding, users data: TrainingData) async throws -> Int? {
        guard let event = standing.event else { return nil }
        var ledger = try await ledger()
        let now = clock.now
        let entry = try ledger.reserve(event, plan: standing.digest.hex, round: round.value, at: now.milliseconds)
        try await storage.appendReservation(entry, participants: .rows(data.eligible, version: data.version), at: now)
        return entry.sequence
    }

    /// Waits until the cap per period has room again, or for an hour; whoever waits does not count as present.
    func waitForPeriod(of standing: PlanStanding) async throws {
        guard let event = standing.event else { return }
        let now = clock.now
        let opening = try await ledger().nextOpening(for: event, at: now.milliseconds)
        try await clock.sleep(until: min(opening.map(WallTime.init(milliseconds:)) ?? now + options.longestPause, now + .seconds(3600)))
    }

    /// Checks the ledger's chain, and that it continues what the node noted beside it.
    /// - Throws: `PrivacyError` `inconsistentLedger` with the remedy; the node must not train then.
    func verifyLedger() async throws {
        let lines = try await storage.ledgerLines()
        try LedgerChain.verify(lines)
        if let receipt = try await storage.ledgerReceipt() {
            try LedgerChain.verify(receipt, isPartOf: lines, accordingTo: "the receipt in the node's directory")
        }
    }

    /// Checks that the ledger continues what the coordinator was shown of it.
    /// - Throws: as ``verifyLedger()``.
    func verifyLedger(continues remembered: LedgerHead?) async throws {
        guard let remembered, try await storage.ledgerHead() != remembered else { return }
        let lines = try await storage.ledgerLines()
        try LedgerChain.verify(lines)
        try LedgerChain.verify(remembered, isPartOf: lines, accordingTo: "the coordinator")
    }
}
