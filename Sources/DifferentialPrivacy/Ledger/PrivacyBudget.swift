/// What a node allows to be spent on its users, over all plans together.
public struct PrivacyBudget: Sendable, Hashable, Codable {
    /// > 0.
    public let epsilon: Double
    /// In (0, 1).
    public let delta: Double
    /// What may be spent within any stretch of time; `nil` is no such limit.
    public let period: PeriodCap?

    /// - Throws: ``PrivacyError`` (`invalidParameter`).
    public init(epsilon: Double, delta: Double, period: PeriodCap? = nil) throws {
        guard epsilon.isFinite, epsilon > 0 else { throw PrivacyError(.invalidParameter, "the budget's ε must be a positive number, not \(epsilon)") }
        guard delta > 0, delta < 1 else { throw PrivacyError(.invalidParameter, "the budget's δ must lie strictly between 0 and 1, not \(delta)") }
        if let period {
            guard period.epsilon.isFinite, period.epsilon > 0, period.milliseconds > 0 else {
                throw PrivacyError(.invalidParameter, "the budget's period needs a positive ε and length, not \(period.epsilon) in \(period.milliseconds) ms")
            }
        }
        self.epsilon = epsilon
        self.delta = delta
        self.period = period
    }

    /// δ = min(10⁻⁶, 1/(100 N)) for N users.
    public static func recommendedDelta(users: Int) -> Double {
        min(1e-6, 1 / (100 * Double(max(users, 1))))
    }
}

/// A limit on how fast the budget is spent: ε, at the budget's δ, of all that is charged within any stretch of this length.
///
/// It bounds what an attacker with a fixed time of access learns, and how much one careless plan can use up; the total stays
/// bounded by the budget's own ε.
public struct PeriodCap: Sendable, Hashable, Codable {
    /// > 0.
    public let epsilon: Double
    /// > 0.
    public let milliseconds: Int64
    public init(epsilon: Double, milliseconds: Int64) {
        self.epsilon = epsilon
        self.milliseconds = milliseconds
    }
}
