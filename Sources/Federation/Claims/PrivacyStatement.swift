/// What a published model claims about the privacy of the users it learned from: the thirteen points that a claim has to state
/// (after NIST SP 800-226, 2025), for programs. `docs/privacy-accounting.md` explains each field.
///
/// Every figure is computed from the plan by the accountant; nothing is taken from whoever publishes the model.
public struct PrivacyStatement: Sendable, Hashable, Codable {
    public var format = Self.formatName
    /// Digest of the plan, and its name for people.
    public var plan: String
    public var planName: String
    /// Digest of the model file, and the round that published it.
    public var model: String
    public var round: Int
    /// `local`, `central`, `distributed` or `off`; with `off` nothing is protected and `guarantee` is absent.
    public var mode: String

    public var unit: Unit
    public var guarantee: Guarantee?
    public var mechanism: Mechanism?
    public var sampling: Sampling?
    public var accountant: Accountant?
    public var trust: Trust
    public var notCovered: [String]
    public var implementation: [String]
    public var dropouts: [String]
    public var audit: Audit
    public var bias: [String]
    public var lifecycle: [String]
    public var contact: Contact

    public static let formatName = "tributary.privacy-statement.v1"

    /// 1. Whom the claim is about, and which databases are neighbours.
    public struct Unit: Sendable, Hashable, Codable {
        public var unit = "one user of one node, with all of the user's events"
        public var adjacency = "add or remove one user"
        public var assumption = "a person is a user of one node; a user of k nodes spends in each of them"
    }
    /// 2. ε and δ over every attempt the plan may make, with μ and ρ for the whole curve.
    public struct Guarantee: Sendable, Hashable, Codable {
        public var epsilon: Double
        public var delta: Double
        public var mu: Double
        public var rho: Double
        /// Attempts the claim covers, abandoned ones included, and what one of them costs by itself.
        public var attempts: Int
        public var epsilonOfOneRound: Double
        public var composition = "all attempts of this plan; each node adds its other plans in its own ledger and refuses past its budget; the claim is the maximum over users, later joiners have spent less"
    }
    /// 3. What is released, how far one user moves it, and how that is enforced.
    public struct Mechanism: Sendable, Hashable, Codable {
        public var name: String
        public var clip: Double
        public var gridScale: Double
        public var clipOnGrid: Int
        public var noiseMultiplier: Double
        /// Standard deviation that each source of noise adds, on the grid.
        public var noiseOnGridPerSource: Int
        public var noise = "discrete Gaussian on the integers, sampled exactly"
        public var enforcement = "each user's clipped update is rounded to the grid and its integer squared norm is compared with the bound, whatever training does"
        public var dimension: Int
    }
    /// 4. Who takes part, and by what the sum is divided.
    public struct Sampling: Sendable, Hashable, Codable {
        public var rate: Double
        public var schedule: String
        public var normaliser = "users enrolled at the nodes in the sum, declared when they join and rounded to two digits, times the rate; never a live count"
    }
    /// 5. How ε was found, and which way it errs.
    public struct Accountant: Sendable, Hashable, Codable {
        public var name: String
        public var direction = "upper bound; every rounding is directed upward"
        /// The part of δ that the discreteness of the noise takes.
        public var discretenessSlack: Double
        public var checkedAgainst = "closed forms at 40 digits and Laplace inversion, by the project's tests"
    }
    /// 6. Who adds noise, who sees what, and what coalitions learn.
    public struct Trust: Sendable, Hashable, Codable {
        public var noiseAddedBy: String
        public var sees: String
        public var trusted: String
        /// ε against the coordinator together with so many nodes; absent where it does not depend on them.
        public var coalitions: [Coalition]?
    }
    public struct Coalition: Sendable, Hashable, Codable {
        /// Nodes that tell the coordinator all they know.
        public var nodes: Int
        /// Absent when nothing is claimed against so many.
        public var epsilon: Double?
    }
    /// 10. What an empirical audit of this model found.
    public struct Audit: Sendable, Hashable, Codable {
        public var performed: Bool
        public var epsilonLowerBound: Double?
        public var method: String
        public var date: String?
        public var build: String?
    }
    /// 13. Whom to ask, and what changed.
    public struct Contact: Sendable, Hashable, Codable {
        public var name: String?
        public var changes: [String]
    }
}
