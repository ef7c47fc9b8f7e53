import DifferentialPrivacy
import Federation
import LocalTraining
import RecommenderModels

/// What is audited: a claim, and a federation of canary users that it is made for.
public struct AuditSetting: Sendable, Hashable {
    /// Who adds noise, and what the attacker sees.
    public enum Noise: String, Sendable, Hashable, CaseIterable {
        /// Every node adds all of it; the attacker sees each node's update.
        case local
        /// Every node adds a share, and the attacker sees the sum of those nodes that are honest and survive, fewest that may publish.
        case distributed
    }
    /// ε and δ of the claim, for one user under add/remove and for one round.
    public var epsilon: Double
    public var delta: Double
    public var noise: Noise
    /// m: users that take part or not, each by a fair coin; ≥ 20.
    public var canaries: Int
    /// Honest nodes, among which the canaries are divided; ≥ 1. Two or more for the test of independence.
    public var nodes: Int
    /// Share of the canaries that the attacker guesses about: those with the highest and with the lowest scores, in equal number; in (0, 1].
    public var guessedShare: Double

    public init(epsilon: Double = 1, delta: Double = 1e-5, noise: Noise = .local, canaries: Int = 1000, nodes: Int = 3, guessedShare: Double = 0.2) {
        self.epsilon = epsilon
        self.delta = delta
        self.noise = noise
        self.canaries = canaries
        self.nodes = nodes
        self.guessedShare = guessedShare
    }

    /// r: an even number ≥ 2.
    var guesses: Int { max(2, 2 * Int((Double(canaries) * guessedShare / 2).rounded(.down))) }

    /// C of the plan. Canaries are `canaryNorm` long before clipping.
    static let clip = 1.0
    static let canaryNorm = 10.0
    /// Coordinates of a canary, which no other canary touches: their inner products are zero, so that one does not disturb another.
    static let width = 16
    /// Coordinates that no canary touches, in units of `width`.
    static let spareBlocks = 256

    /// The plan of the claim: the least noise that the accountant allows for one round, on a grid of its own choice. Matrix factorisation of `width − 1` and a
    /// bias per item has `width` parameters an item, one item per canary.
    /// - Throws: `PrivacyError` when the claim cannot be met.
    func plan() throws -> Plan {
        let items = canaries + Self.spareBlocks
        let z = try PrivacyAccountant.noiseMultiplier(epsilon: epsilon, delta: delta, samplingRate: 1, rounds: 1, gridShare: GridChoice.maximumSlackShare)
        let dimension = items * Self.width
        let grid = try GridChoice.recommended(
            clip: Self.clip, dimension: dimension, enrolledUsers: canaries, nodes: nodes, noiseMultiplier: z, rounds: 1, delta: delta)
        return Plan(
            name: "audit", seed: 1, catalog: CatalogReference(digest: Digest(of: [UInt8]("audit".utf8)), itemCount: items),
            model: .bprMF(BPRMFConfiguration(dimension: Self.width - 1)), training: TrainingConfiguration(unit: .perUser, optimizer: .sgd(learningRate: 1, momentum: 0)),
            privacy: PrivacyPlan(
                mode: .local(GaussianMechanism(clip: Self.clip, noiseMultiplier: z, epsilon: epsilon, delta: delta)),
                grid: GridPlan(scale: grid.scale, modulusBits: grid.modulusBits)),
            serverOptimizer: .fedAvg(learningRate: 1), selection: SelectionPlan(), rounds: 1, maximumAttempts: 1)
    }
}
