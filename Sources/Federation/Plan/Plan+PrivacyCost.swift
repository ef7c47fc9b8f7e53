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
    /// Discrete Gaussian on the grid: sensitivity D in L2 norm, σ = ⌈z·D⌉, full participation or Poisson sampling of users at rate q. The count of an adaptive
    /// clip is one more coordinate, of sensitivity ½, of the same mechanism.
    /// - Parameter rounds: ≥ 1.
    /// - Throws: `PrivacyError` when clip, grid and noise do not fit together.
    public func mechanismEvent(rounds: Int, parameters d: Int) throws -> MechanismEvent? {
        guard let mechanism = privacy.mechanism, let bound = try privacy.clippingBound() else { return nil }
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
