public import Federation

/// What a node allows to be done with its users' privacy; the node's own, never the coordinator's to change.
public struct BudgetPolicy: Sendable, Hashable {
    /// ε over everything this node ever takes part in; > 0.
    public var epsilon: Double
    /// δ at which ε is stated; in (0, 1).
    public var delta: Double
    /// Fewer eligible users than this, and the node does not take part; ≥ 1.
    public var minimumUsers: Int
    /// Privacy modes whose plans may be joined.
    public var allowedModes: Set<PrivacyModeName>

    public init(epsilon: Double = 8, delta: Double = 1e-5, minimumUsers: Int = 20, allowedModes: Set<PrivacyModeName> = [.local]) {
        self.epsilon = epsilon
        self.delta = delta
        self.minimumUsers = minimumUsers
        self.allowedModes = allowedModes
    }
}

/// The names of the privacy modes, without their parameters.
public enum PrivacyModeName: String, Sendable, Hashable, CaseIterable {
    case local, central, off
}

extension PrivacyPlan.Mode {
    public var name: PrivacyModeName {
        switch self {
        case .local: .local
        case .central: .central
        case .off: .off
        }
    }
}
