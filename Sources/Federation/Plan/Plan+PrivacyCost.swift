public import DifferentialPrivacy
import RecommenderModels
import Tensors

/// What a private plan costs each user, under add/remove of one user, to whoever sees everything the mode lets be seen.
public struct PrivacyCost: Sendable, Hashable {
    /// One round.
    public var perRound: EpsilonReport
    /// `rounds` rounds: when nothing is abandoned.
    public var plannedRounds: EpsilonReport
    /// `maximumAttempts` rounds: what the plan promises and nodes check.
    public var allAttempts: EpsilonReport
}

extension Plan {
    /// The mechanism of so many rounds of the plan; `nil` with privacy `off`.
    ///
    /// Discrete Gaussian on the grid: sensitivity D in L2 norm, σ = ⌈z·D⌉, full participation or Poisson sampling of users at rate q. In
    /// mode `distributed` the noise that t − c honest survivors are certain to have added: σ_s √(t − c) ≥ z·D. The count of an adaptive
    /// clip is one more coordinate, of sensitivity ½, of the same mechanism.
    /// - Parameter rounds: ≥ 1.
    /// - Throws: `PrivacyError` when clip, grid and noise do not fit together.
    public func mechanismEvent(rounds: Int, parameters d: Int) throws -> MechanismEvent? {
        guard let mechanism = privacy.mechanism, let bound = try privacy.clippingBound() else { return nil }
        if let aggregation = privacy.aggregation, let share = try privacy.noiseOnGrid() {
            return .shares(of: share, count: aggregation.guaranteedHonest, bound, dimension: d, samplingRate: mechanism.samplingRate, rounds: rounds)
        }
        var event = MechanismEvent.onGrid(
            bound, standardDeviation: try bound.standardDeviation(noiseMultiplier: mechanism.noiseMultiplier), dimension: d,
            samplingRate: mechanism.samplingRate, count: rounds)
        if let adaptive = mechanism.adaptiveClip {
            // One Gaussian mechanism over d + 1 coordinates of different widths: in units of its noise a user moves the sum by at most
            // √(z⁻² + (half/σ_c)²). Slack depends on Σ σ⁻⁴ alone: d + 1 coordinates of one width that has the same sum.
            let deviation = Double(try adaptive.gridDeviation(bound))
            let share = Double(adaptive.half(bound)) / deviation
            event.noiseMultiplier = (1 / (1 / (event.noiseMultiplier * event.noiseMultiplier) + share * share).squareRoot()).nextDown.nextDown.nextDown
            let ratio = event.gridStandardDeviation / deviation
            event.gridStandardDeviation *= (Double(d + 1) / (Double(d) + ratio * ratio * ratio * ratio)).squareRoot().squareRoot() * (1 - 1e-12)
            event.dimension = d + 1
        }
        return event
    }

    /// What the plan costs; `nil` with privacy `off`, where there is no ε.
    /// - Throws: `PrivacyError`, or ``FederationError`` when the model cannot be built.
    public func privacyCost() throws -> PrivacyCost? {
        guard let mechanism = privacy.mechanism else { return nil }
        let d = try recommender().layout.count
        func report(_ rounds: Int) throws -> EpsilonReport {
            try PrivacyAccountant.epsilon(of: [mechanismEvent(rounds: rounds, parameters: d)].compactMap { $0 }, delta: mechanism.delta)
        }
        return PrivacyCost(perRound: try report(1), plannedRounds: try report(rounds), allAttempts: try report(maximumAttempts))
    }
}

extension MechanismEvent {
    /// Rounds in which `count` nodes add a share each, discrete Gaussian with σ_s; their sum is accounted as one with σ_s √count.
    ///
    /// For σ_s ≥ 1024 the two differ by a factor below 1 + e^(−10⁷) (Kairouz, Liu, Steinke 2021, theorem 1).
    static func shares(of share: Int, count: Int, _ bound: ClippingBound, dimension: Int, samplingRate: Double, rounds: Int) -> MechanismEvent {
        let deviation = (Double(share) * Double(count).squareRoot()).nextDown
        return MechanismEvent(
            noiseMultiplier: (deviation / Double(bound.onGrid)).nextDown, samplingRate: samplingRate, count: rounds, gridStandardDeviation: deviation, dimension: dimension)
    }
}

/// ε over all attempts of a plan in mode `distributed`, against the coordinator together with some nodes.
public struct CoalitionCost: Sendable, Hashable {
    /// j: nodes that tell the coordinator all they know; 0 is whoever sees the published sums.
    public var nodes: Int
    public var report: EpsilonReport
}

extension Plan {
    /// What the plan costs against every coalition that makes a difference: the coordinator with j = 0…c nodes sees sums in which the noise of
    /// at least t − j others stays; with more it could take sums apart, and what is left is the noise of the user's own node.
    /// - Returns: empty unless the mode is `distributed`; the last one stands for every larger coalition too.
    public func coalitionCosts() throws -> [CoalitionCost] {
        guard let aggregation = privacy.aggregation, let mechanism = privacy.mechanism, let bound = try privacy.clippingBound(), let share = try privacy.noiseOnGrid()
        else { return [] }
        let d = try recommender().layout.count
        func cost(_ nodes: Int, honest: Int) throws -> CoalitionCost {
            let event = MechanismEvent.shares(of: share, count: honest, bound, dimension: d, samplingRate: mechanism.samplingRate, rounds: maximumAttempts)
            return CoalitionCost(nodes: nodes, report: try PrivacyAccountant.epsilon(of: [event], delta: mechanism.delta))
        }
        return try (0...aggregation.collusion).map { try cost($0, honest: aggregation.threshold - $0) } + [cost(aggregation.collusion + 1, honest: 1)]
    }
}
