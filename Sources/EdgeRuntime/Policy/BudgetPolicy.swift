public import DifferentialPrivacy
public import Federation

/// What a node allows to be done with its users' privacy; the node's own, never the coordinator's to change.
public struct BudgetPolicy: Sendable, Hashable {
    /// ε over everything this node ever takes part in; > 0.
    public var epsilon: Double
    /// δ at which ε is stated; in (0, 1).
    public var delta: Double
    /// A further limit on what is spent within any stretch of time; `nil` is none.
    public var period: PeriodCap?
    /// Fewer eligible users than this, and the node does not take part; ≥ 1.
    public var minimumUsers: Int
    /// Plans whose rounds may publish the sum of fewer nodes than this are refused; ≥ 1.
    public var minimumCohort: Int
    /// Privacy modes whose plans may be joined.
    public var allowedModes: Set<PrivacyModeName>
    /// Mechanisms whose plans may be joined.
    public var allowedMechanisms: Set<PrivacyMechanismName>

    public init(
        epsilon: Double = 8, delta: Double = 1e-5, period: PeriodCap? = nil, minimumUsers: Int = 20, minimumCohort: Int = 1,
        allowedModes: Set<PrivacyModeName> = [.local], allowedMechanisms: Set<PrivacyMechanismName> = Set(PrivacyMechanismName.allCases)
    ) {
        self.epsilon = epsilon
        self.delta = delta
        self.period = period
        self.minimumUsers = minimumUsers
        self.minimumCohort = minimumCohort
        self.allowedModes = allowedModes
        self.allowedMechanisms = allowedMechanisms
    }

    /// What the ledger is held to.
    /// - Throws: `PrivacyError` `invalidParameter`.
    public func budget() throws -> PrivacyBudget { try PrivacyBudget(epsilon: epsilon, delta: delta, period: period) }
}

/// The names of the privacy modes, without their parameters.
public enum PrivacyModeName: String, Sendable, Hashable, CaseIterable {
    case local, distributed, central, off
}

/// The names of the mechanisms, by what their claim rests on.
public enum PrivacyMechanismName: String, Sendable, Hashable, CaseIterable {
    /// Discrete Gaussian noise, every eligible user in every round: no claim about sampling.
    case gaussian
    /// The same with users drawn at random inside the node.
    case sampledGaussian = "sampled-gaussian"
}

extension PrivacyPlan {
    /// `nil` with privacy `off`.
    public var mechanismName: PrivacyMechanismName? {
        mechanism.map { $0.samplingRate < 1 ? .sampledGaussian : .gaussian }
    }
}

extension PrivacyPlan.Mode {
    public var name: PrivacyModeName {
        switch self {
        case .local: .local
        case .distributed: .distributed
        case .central: .central
        case .off: .off
        }
    }
}
