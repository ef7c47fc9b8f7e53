extension PrivacyLedger {
    /// What a user pays who first took part in the given entry and in everything since: later joiners pay only for their rounds.
    ///
    /// The claim for the node as a whole is the maximum over users, which is that of sequence 1: ``spent()``.
    /// - Parameters: sequence: from 1. plan: its digest in hexadecimal; `nil` for all plans together.
    public func spent(since sequence: Int, by plan: String? = nil) throws -> EpsilonReport {
        let own = entries.filter { $0.isCharged && $0.sequence >= sequence && (plan == nil || $0.plan == plan) }
        return try PrivacyAccountant.epsilon(of: Self.merged(own.map(\.event)), delta: budget.delta)
    }
}

// MARK: - Cap per period

extension PrivacyLedger {
    /// What was spent within the budget's period that ends now; `nil` without a period.
    public func spentInPeriod(at time: Int64) throws -> EpsilonReport? {
        guard let period = budget.period else { return nil }
        return try PrivacyAccountant.epsilon(of: recent(period, at: time), delta: budget.delta)
    }

    /// When one more run of the mechanism fits the cap per period; `nil` when it fits now, or never by waiting alone.
    public func nextOpening(for event: MechanismEvent, at time: Int64) throws -> Int64? {
        guard let period = budget.period, try !fits(event, period, at: time) else { return nil }
        let leaving = entries.filter { $0.isCharged && $0.time > time - period.milliseconds }.map { $0.time + period.milliseconds }
        return try leaving.sorted().first { try fits(event, period, at: $0) }
    }

    func checkPeriod(adding event: MechanismEvent, at time: Int64) throws {
        guard let period = budget.period, try !fits(event, period, at: time) else { return }
        let days = (Double(period.milliseconds) / 86_400_000 * 1000).rounded() / 1000
        throw PrivacyError(
            .periodExhausted,
            """
            one more round would spend more than ε = \(Self.format(period.epsilon)) within \(days) days, the node's cap per period; \
            the node takes part again when earlier rounds are old enough
            """)
    }

    /// Charged within the period that ends at the time. A line dated later than now, after a clock was set back, counts.
    private func recent(_ period: PeriodCap, at time: Int64) -> [MechanismEvent] {
        Self.merged(entries.filter { $0.isCharged && $0.time > time - period.milliseconds }.map(\.event))
    }

    private func fits(_ event: MechanismEvent, _ period: PeriodCap, at time: Int64) throws -> Bool {
        try PrivacyAccountant.epsilon(of: Self.merged(recent(period, at: time) + [event]), delta: budget.delta).epsilon <= period.epsilon
    }
}
