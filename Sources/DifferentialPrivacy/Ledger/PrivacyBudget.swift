/// What a node allows to be spent on its users, over all plans together.
public struct PrivacyBudget: Sendable, Hashable, Codable {
    /// > 0.
    public let epsilon: Double
    /// In (0, 1).
    public let delta: Double

    /// - Throws: ``PrivacyError`` (`invalidParameter`).
    public init(epsilon: Double, delta: Double) throws {
        guard epsilon.isFinite, epsilon > 0 else { throw PrivacyError(.invalidParameter, "the budget's ε must be a positive number, not \(epsilon)") }
        guard delta > 0, delta < 1 else { throw PrivacyError(.invalidParameter, "the budget's δ must lie strictly between 0 and 1, not \(delta)") }
        self.epsilon = epsilon
        self.delta = delta
    }

    /// δ = min(10⁻⁶, 1/(100 N)) for N users.
    public static func recommendedDelta(users: Int) -> Double {
        min(1e-6, 1 / (100 * Double(max(users, 1))))
    }
}
