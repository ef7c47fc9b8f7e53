/// A node's account of the privacy of its users, over all plans: the rules, without storage.
///
/// Every change is returned as the row to store, and takes effect for others only when that row is durable:
/// 1. `reserve` → store → compute the update → make its bytes durable;
/// 2. `markSent` → store → only now may the first byte leave;
/// 3. or `cancel` → store, when nothing left and nothing will; only this returns budget.
///
/// A round whose update was lost before it was durable is reserved anew and charged again; the old line stays charged.
/// Unit: user; neighbouring relation: add or remove one user of this node. Every line composes with every other, since the same
/// users take part.
public struct PrivacyLedger: Sendable {
    public let budget: PrivacyBudget
    public private(set) var entries: [LedgerEntry]

    /// - Parameter entries: what the store holds, in any order.
    /// - Throws: ``PrivacyError``: `inconsistentLedger` when lines are missing or doubled (a ledger with holes cannot be trusted to
    ///   hold everything that was spent), `invalidParameter` when an event is out of range.
    public init(budget: PrivacyBudget, entries: [LedgerEntry] = []) throws {
        let ordered = entries.sorted { $0.sequence < $1.sequence }
        for (position, entry) in ordered.enumerated() {
            guard entry.sequence == position + 1 else {
                throw PrivacyError(
                    .inconsistentLedger,
                    "the privacy ledger has no line \(position + 1) but a line \(entry.sequence); restore the node's directory from a complete copy, do not edit it")
            }
            try entry.event.validate()
        }
        self.budget = budget
        self.entries = ordered
    }

    // MARK: Reading

    /// What is spent: everything that is reserved or sent, over all plans, at the budget's δ.
    public func spent() throws -> EpsilonReport {
        try PrivacyAccountant.epsilon(of: charged, delta: budget.delta, choice: .adaptive)
    }

    /// What is spent by one plan alone, at the budget's δ.
    public func spent(by plan: String) throws -> EpsilonReport {
        try PrivacyAccountant.epsilon(of: Self.merged(entries.filter { $0.isCharged && $0.plan == plan }.map(\.event)), delta: budget.delta, choice: .adaptive)
    }

    /// The plans with a line, in order of their first one.
    public var plans: [String] {
        var seen: Set<String> = []
        return entries.map(\.plan).filter { seen.insert($0).inserted }
    }

    /// The lines of a plan's round, in order; the last one is the current attempt.
    public func lines(plan: String, round: Int) -> [LedgerEntry] {
        entries.filter { $0.plan == plan && $0.round == round }
    }

    /// What would be spent after these events as well.
    public func projected(adding events: [MechanismEvent]) throws -> EpsilonReport {
        try PrivacyAccountant.epsilon(of: Self.merged(charged + events), delta: budget.delta, choice: .adaptive)
    }

    /// Whether one more run of the mechanism fits.
    public func affords(_ event: MechanismEvent) throws -> Bool {
        try event.validate()
        return try projected(adding: [event]).epsilon <= budget.epsilon
    }

    /// Whether a whole plan fits before it is joined: `event` once per attempt that the plan may make, less the rounds already charged to it.
    ///
    /// - Parameters: plan: its digest in hexadecimal. maximumAttempts: rounds the plan may attempt, ≥ 1.
    /// - Throws: ``PrivacyError``: `budgetExhausted` with the figures when it does not fit, `invalidParameter`.
    /// - Returns: what will be spent when every attempt was charged.
    @discardableResult
    public func admit(_ event: MechanismEvent, plan: String, maximumAttempts: Int) throws -> EpsilonReport {
        try event.validate()
        guard maximumAttempts >= 1 else { throw PrivacyError(.invalidParameter, "a plan attempts at least one round, not \(maximumAttempts)") }
        // A round that was charged twice still leaves all the others to come.
        let already = Set(entries.filter { $0.isCharged && $0.plan == plan }.map(\.round)).count
        var whole = event
        whole.count = maximumAttempts - already
        if let period = budget.period {
            // The first round at least must ever be possible.
            let one = try PrivacyAccountant.epsilon(of: [event], delta: budget.delta).epsilon
            guard one <= period.epsilon else {
                throw PrivacyError(
                    .budgetExhausted,
                    "one round of the plan costs ε = \(Self.format(one)), above the node's cap per period of \(Self.format(period.epsilon)); join a plan with more noise a round, or raise the cap")
            }
        }
        let projected = try projected(adding: whole.count >= 1 ? [whole] : [])
        guard projected.epsilon <= budget.epsilon else {
            let now = try spent()
            throw PrivacyError(
                .budgetExhausted,
                """
                the plan would bring this node's users to ε = \(Self.format(projected.epsilon)) at δ = \(budget.delta) over all plans, \
                above the budget of \(Self.format(budget.epsilon)) (spent so far: \(Self.format(now.epsilon))); \
                join a plan with more noise or fewer rounds, or raise the node's budget
                """)
        }
        return projected
    }

    // MARK: Changing

    /// Charges one run of the mechanism for a round, whatever was charged for that round before: every run is paid for. Whether a
    /// round may be answered a second time is for the round's own rules.
    /// - Parameter time: now, in milliseconds since 1970.
    /// - Returns: the row to store before anything is computed.
    /// - Throws: ``PrivacyError``: `budgetExhausted` when it does not fit, `periodExhausted` when it fits later (nothing is charged either way),
    ///   `invalidParameter`.
    public mutating func reserve(_ event: MechanismEvent, plan: String, round: Int, at time: Int64 = 0) throws -> LedgerEntry {
        try event.validate()
        guard !plan.isEmpty, round >= 1 else { throw PrivacyError(.invalidParameter, "a ledger line needs a plan and a round of at least 1") }
        let projected = try projected(adding: [event])
        guard projected.epsilon <= budget.epsilon else {
            throw PrivacyError(
                .budgetExhausted,
                """
                round \(round) of plan \(plan.prefix(12)) would bring this node's users to ε = \(Self.format(projected.epsilon)) at δ = \(budget.delta), \
                above the budget of \(Self.format(budget.epsilon)); the node takes no further part unless its budget is raised
                """)
        }
        try checkPeriod(adding: event, at: time)
        let entry = LedgerEntry(sequence: entries.count + 1, plan: plan, round: round, event: event, state: .reserved, time: time)
        entries.append(entry)
        return entry
    }

    /// Declares that bytes of the reserved update are about to leave. Repeating it changes nothing.
    /// - Returns: the row to store before the first byte leaves.
    /// - Throws: ``PrivacyError`` (`inconsistentLedger`) when there is no such line or it was cancelled.
    public mutating func markSent(_ sequence: Int) throws -> LedgerEntry {
        try move(sequence, to: .sent)
    }

    /// Gives the charge back: nothing of this line's update left the process and nothing will, because its bytes are gone. Repeating it changes nothing.
    /// - Returns: the row to store.
    /// - Throws: ``PrivacyError`` (`inconsistentLedger`) when there is no such line or it was sent.
    public mutating func cancel(_ sequence: Int) throws -> LedgerEntry {
        try move(sequence, to: .cancelled)
    }

    private mutating func move(_ sequence: Int, to state: LedgerEntry.State) throws -> LedgerEntry {
        guard (1...max(entries.count, 1)).contains(sequence), sequence <= entries.count else {
            throw PrivacyError(.inconsistentLedger, "the privacy ledger has no line \(sequence)")
        }
        let index = sequence - 1
        guard entries[index].state == .reserved || entries[index].state == state else {
            throw PrivacyError(
                .inconsistentLedger, "line \(sequence) of the privacy ledger is \(entries[index].state.rawValue) and cannot become \(state.rawValue)")
        }
        entries[index].state = state
        return entries[index]
    }

    // MARK: Arithmetic

    private var charged: [MechanismEvent] { Self.merged(entries.filter(\.isCharged).map(\.event)) }

    /// Equal mechanisms as one event with their counts added.
    static func merged(_ events: [MechanismEvent]) -> [MechanismEvent] {
        var counts: [MechanismEvent: Int] = [:]
        var order: [MechanismEvent] = []
        for event in events {
            var kind = event
            kind.count = 1
            if counts.updateValue(counts[kind, default: 0] + event.count, forKey: kind) == nil { order.append(kind) }
        }
        return order.map { kind in
            var event = kind
            event.count = counts[kind] ?? 0
            return event
        }
    }

    static func format(_ value: Double) -> String {
        guard value.isFinite, value < 1e12 else { return "∞" }
        // Upward, so that a refusal never shows equal figures.
        let thousandths = Int((value * 1000).rounded(.up))
        let fraction = String(thousandths % 1000)
        return "\(thousandths / 1000)." + String(repeating: "0", count: 3 - fraction.count) + fraction
    }
}
