public import DifferentialPrivacy

/// A clip that follows a quantile of the users' norms (Andrew, Thakkar, McMahan and Ramaswamy 2021, *Differentially private learning with adaptive clipping*).
///
/// Every user adds to one more coordinate whether the norm of the delta was within the clip: +½ or −½, sensitivity ½ under add/remove of a user, with noise
/// of its own. The next round's clip follows from the noisy sum, so it is public, and the same for all users of a round; it travels with the model version.
/// On the grid nothing changes: deltas are scaled by the ratio of the plan's clip to the round's, so that D and σ stay what they are.
public struct AdaptiveClip: Sendable, Hashable {
    /// γ: the share of users that shall stay within the clip; in (0, 1).
    public var quantile: Double
    /// η: how fast the clip follows; in (0, 1].
    public var learningRate: Double
    /// σ_b: standard deviation of the noise on the count, in users; > 0. A twentieth of the users per round costs next to nothing.
    public var countDeviation: Double

    public init(quantile: Double = 0.5, learningRate: Double = 0.2, countDeviation: Double) {
        self.quantile = quantile
        self.learningRate = learningRate
        self.countDeviation = countDeviation
    }

    /// Grid units of one half, what a user adds or subtracts: D, so that the count needs no more bits than a parameter does, or less where its noise would exceed 2³⁹.
    public func half(_ bound: ClippingBound) -> Int {
        let most = (0x1p39 / max(2 * countDeviation, 0x1p-20)).rounded(.down)
        return max(1, min(bound.onGrid, Int(min(most, 0x1p40))))
    }
    /// The clip stays within this factor of the plan's.
    static let range = 1024.0

    /// σ_b in units of the count's coordinate, rounded up.
    /// - Throws: `PrivacyError` when it is out of range.
    public func gridDeviation(_ bound: ClippingBound) throws -> Int {
        let units = (2 * countDeviation * Double(half(bound))).rounded(.up)
        guard countDeviation.isFinite, countDeviation > 0, units <= Double(DiscreteGaussian.maximumStandardDeviation) else {
            throw PrivacyError(.invalidParameter, "the noise on the clip's count has a standard deviation of \(countDeviation) users; it must be positive and below 2^38")
        }
        return Int(units)
    }

    /// What is left for the deltas of a noise multiplier z that shall cover both: z_Δ = (z⁻² − (2σ_b)⁻²)^(−1/2), rounded up; `nil` when the count alone costs as much.
    public func deltaNoiseMultiplier(total z: Double) -> Double? {
        let left = 1 / (z * z) - 1 / (4 * countDeviation * countDeviation)
        guard left > 0 else { return nil }
        return (1 / left.squareRoot()) * (1 + 1e-12)
    }

    /// The clip of the next round: C exp(−η (fraction − γ)), the fraction being ½ + Σb/users, cut to [0, 1]; within a factor of 1024 of the plan's clip.
    ///
    /// The exponential is (1 + y/16)^16, from products only, so that every machine gets the same bits; it differs from e^y by less than 4 % of a step's size.
    /// - Parameters:
    ///   - clip: this round's. initial: the plan's.
    ///   - noisyCount: Σ of ±`half` over users, with noise. users: the fixed normaliser, > 0.
    public func next(after clip: Double, initial: Double, noisyCount: Int64, half: Int, users: Double) -> Double {
        let fraction = min(1, max(0, 0.5 + Double(noisyCount) / (2 * Double(half)) / users))
        var factor = 1 - learningRate * (fraction - quantile) / 16
        for _ in 0..<4 { factor *= factor }
        return min(initial * Self.range, max(initial / Self.range, clip * factor))
    }
}

extension Plan {
    /// The clip of a round that starts from this model version; `nil` with privacy `off`.
    public func clip(at version: ModelVersion) -> Double? { privacy.mechanism.map { version.clip ?? $0.clip } }

    /// The noise that makes a sum of the plan safe to show; `nil` with privacy `off`.
    /// - Throws: `PrivacyError` when clip, grid and noise do not fit together.
    public func noise() throws -> SumNoise? {
        guard let mechanism = privacy.mechanism, let bound = try privacy.clippingBound() else { return nil }
        return SumNoise(
            parameters: try DiscreteGaussian(standardDeviation: bound.standardDeviation(noiseMultiplier: mechanism.noiseMultiplier)),
            count: try mechanism.adaptiveClip.map { try DiscreteGaussian(standardDeviation: $0.gridDeviation(bound)) })
    }
}

/// Noise for a whole update: independent discrete Gaussians, one width for the parameters and one for the count of an adaptive clip.
public struct SumNoise: Sendable, Hashable {
    public var parameters: DiscreteGaussian
    /// For the last coordinate, where the plan adapts its clip.
    public var count: DiscreteGaussian?

    public init(parameters: DiscreteGaussian, count: DiscreteGaussian? = nil) {
        self.parameters = parameters
        self.count = count
    }

    /// Adds a draw to every coordinate; all are drawn before the sum is read.
    /// - Throws: what the stream throws; the sum is then unchanged.
    public func add(to sum: inout [Int64], from stream: inout any NoiseStream) throws {
        precondition(count == nil || !sum.isEmpty, "a count needs a coordinate")
        let noise = try parameters.draw(sum.count - (count == nil ? 0 : 1), from: &stream) + (count?.draw(1, from: &stream) ?? [])
        for index in sum.indices { sum[index] &+= noise[index] }
    }
}
