/// One kind of round, composed `count` times: Poisson sampling of users at rate q, a sum of L2 sensitivity 1, Gaussian noise z.
///
/// Unit: user. Neighbouring relation: add or remove one user. The noise is discrete Gaussian on the integers; continuous noise is the
/// limit of an infinite `gridStandardDeviation`.
public struct MechanismEvent: Sendable, Hashable, Codable {
    /// z: standard deviation of the noise over the L2 sensitivity; > 0. On the grid: σ/D, after D was rounded down and σ up.
    public var noiseMultiplier: Double
    /// q; in (0, 1]. 1 is full participation.
    public var samplingRate: Double
    /// Rounds of this kind; ≥ 1.
    public var count: Int
    /// σ in grid units; ≥ 1, infinite for continuous noise.
    public var gridStandardDeviation: Double
    /// d: coordinates that get noise; ≥ 1.
    public var dimension: Int

    public init(noiseMultiplier: Double, samplingRate: Double = 1, count: Int = 1, gridStandardDeviation: Double, dimension: Int) {
        self.noiseMultiplier = noiseMultiplier
        self.samplingRate = samplingRate
        self.count = count
        self.gridStandardDeviation = gridStandardDeviation
        self.dimension = dimension
    }

    /// Rounds of continuous Gaussian noise.
    public static func continuous(noiseMultiplier: Double, samplingRate: Double = 1, count: Int = 1) -> MechanismEvent {
        MechanismEvent(noiseMultiplier: noiseMultiplier, samplingRate: samplingRate, count: count, gridStandardDeviation: .infinity, dimension: 1)
    }

    /// Rounds on the grid: z = σ/D.
    public static func onGrid(_ bound: ClippingBound, standardDeviation: Int, dimension: Int, samplingRate: Double = 1, count: Int = 1) -> MechanismEvent {
        MechanismEvent(
            noiseMultiplier: (Double(standardDeviation) / Double(bound.onGrid)).nextDown, samplingRate: samplingRate, count: count,
            gridStandardDeviation: Double(standardDeviation), dimension: dimension)
    }

    /// - Throws: ``PrivacyError`` (`invalidParameter`) when a field is outside its range.
    public func validate() throws {
        guard noiseMultiplier.isFinite, noiseMultiplier > 0 else {
            throw PrivacyError(.invalidParameter, "the noise multiplier must be a positive number, not \(noiseMultiplier)")
        }
        guard samplingRate > 0, samplingRate <= 1 else {
            throw PrivacyError(.invalidParameter, "the sampling rate must be in (0, 1], not \(samplingRate)")
        }
        guard count >= 1 else { throw PrivacyError(.invalidParameter, "the number of rounds must be at least 1, not \(count)") }
        guard gridStandardDeviation >= 1 else {
            throw PrivacyError(.invalidParameter, "the noise must have a standard deviation of at least 1 grid unit, not \(gridStandardDeviation)")
        }
        guard dimension >= 1 else { throw PrivacyError(.invalidParameter, "the dimension must be at least 1, not \(dimension)") }
    }
}

/// An upper bound on ε at δ, and how it was found.
public struct EpsilonReport: Sendable, Hashable, Codable {
    public enum Accountant: String, Sendable, Hashable, Codable, CaseIterable {
        /// Exact composition of Gaussians, closed form; with noise on the grid plus the slack of its discreteness.
        case gaussian
        /// Zero-concentrated privacy of the discrete Gaussian.
        case zeroConcentrated = "zero-concentrated"
        /// Rényi privacy over many orders.
        case renyi
        /// The distribution of the privacy loss, for rounds fixed in advance.
        case privacyLoss = "privacy-loss"
    }
    /// The smallest of the valid upper bounds; infinite when none is finite.
    public var epsilon: Double
    public var delta: Double
    /// Which accountant gave it.
    public var accountant: Accountant
    /// μ = √Σ 1/z², without credit for sampling.
    public var mu: Double
    /// ρ = μ²/2.
    public var rho: Double
    /// The part of δ taken by the discreteness of the noise, (1 + e^ε) η; 0 when the accountant needs none.
    public var slack: Double

    public init(epsilon: Double, delta: Double, accountant: Accountant, mu: Double, rho: Double, slack: Double) {
        self.epsilon = epsilon
        self.delta = delta
        self.accountant = accountant
        self.mu = mu
        self.rho = rho
        self.slack = slack
    }
}
