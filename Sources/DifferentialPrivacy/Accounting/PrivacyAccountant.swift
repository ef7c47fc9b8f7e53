#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// What rounds cost together: the smallest of the valid upper bounds on ε. Derivations and proofs: `docs/privacy-accounting.md`.
public enum PrivacyAccountant {
    /// Whether later mechanisms may have been chosen after looking at earlier releases.
    public enum Choice: Sendable, Hashable {
        /// All parameters, and the largest number of rounds, were fixed before the first release: every accountant is valid.
        case inAdvance
        /// Parameters of later events may depend on earlier releases. Valid are totals of μ² and of Rényi divergence (Smith and Thakurta 2022; Feldman and Zrnic 2021);
        /// privacy-loss distributions only when all events are of one kind, since stopping early is post-processing.
        case adaptive
    }

    /// An upper bound on ε at δ over all events together, under add/remove of one user: the smallest of the valid ones.
    /// - Parameters: events: valid ones; none cost nothing. delta: in (0, 1). choice: how the events came about.
    /// - Throws: ``PrivacyError`` (`invalidParameter`).
    public static func epsilon(of events: [MechanismEvent], delta: Double, choice: Choice = .inAdvance) throws -> EpsilonReport {
        let total = try Composition(of: events)
        guard delta > 0, delta < 1 else { throw PrivacyError(.invalidParameter, "δ must lie strictly between 0 and 1, not \(delta)") }
        return report(of: total, delta: delta, choice: choice)
    }

    static func report(of total: Composition, delta: Double, choice: Choice = .inAdvance) -> EpsilonReport {
        let distance = total.distanceFromContinuous
        var best = EpsilonReport(
            epsilon: ZeroConcentrated.epsilon(rho: total.rho, delta: delta), delta: delta, accountant: .zeroConcentrated, mu: total.mu, rho: total.rho, slack: 0)
        func offer(_ epsilon: Double, _ accountant: EpsilonReport.Accountant, usesSlack: Bool) {
            guard epsilon <= best.epsilon else { return }
            best.epsilon = epsilon
            best.accountant = accountant
            best.slack = usesSlack && epsilon.isFinite ? (1 + exp(epsilon)) * distance : 0
        }
        // Sampling only helps: the sampled mechanism is a post-processing of the one without (docs, "Sampling").
        offer(GaussianComposition.epsilon(mu: total.mu, delta: delta, slack: distance), .gaussian, usesSlack: true)
        guard total.isSampled else { return best }
        let curve = RenyiCurve(total.components)
        if distance > 0 { offer(curve.epsilonOnGrid(delta: delta), .renyi, usesSlack: false) }
        offer(curve.epsilon(delta: delta, slack: distance), .renyi, usesSlack: true)
        if choice == .inAdvance || total.kinds.count == 1 {
            offer(PrivacyLossComposition(total.components).epsilon(delta: delta, slack: distance), .privacyLoss, usesSlack: true)
        }
        return best
    }

    /// What a plan costs: `rounds` equal rounds.
    public static func cost(
        noiseMultiplier: Double, samplingRate: Double = 1, rounds: Int, dimension: Int, gridStandardDeviation: Double, delta: Double
    ) throws -> EpsilonReport {
        let event = MechanismEvent(
            noiseMultiplier: noiseMultiplier, samplingRate: samplingRate, count: rounds, gridStandardDeviation: gridStandardDeviation, dimension: dimension)
        return try epsilon(of: [event], delta: delta)
    }
}

/// Events added up, as far as the accountants need them.
struct Composition {
    /// Rounds per noise multiplier and sampling rate.
    struct Kind: Hashable {
        var noiseMultiplier: Double
        var samplingRate: Double
    }
    private(set) var kinds: [Kind: Int] = [:]
    /// Σ 1/z² over all rounds.
    private(set) var muSquared = 0.0
    /// Σ d/σ⁴ over all rounds, σ on the grid.
    private(set) var discreteness = 0.0

    var mu: Double { muSquared.squareRoot() }
    var rho: Double { muSquared / 2 }
    /// The same for the accountants of losses and moments.
    var components: [PrivacyLossComposition.Component] {
        kinds.map { .init(.gaussian(sigma: $0.key.noiseMultiplier, samplingRate: $0.key.samplingRate), count: $0.value) }
            .sorted { $0.order < $1.order }
    }
    var isSampled: Bool { kinds.keys.contains { $0.samplingRate < 1 } }

    /// η: total-variation distance between all releases with discrete noise and with rounded continuous noise, at most
    /// 0.04 √(Σ d/σ⁴) for σ ≥ 1 (proof in `docs/privacy-accounting.md`).
    var distanceFromContinuous: Double { 0.04 * discreteness.squareRoot() }

    init(of events: [MechanismEvent]) throws {
        for event in events {
            try event.validate()
            let count = Double(event.count)
            kinds[Kind(noiseMultiplier: event.noiseMultiplier, samplingRate: event.samplingRate), default: 0] += event.count
            muSquared += count / (event.noiseMultiplier * event.noiseMultiplier)
            let variance = event.gridStandardDeviation * event.gridStandardDeviation
            discreteness += count * Double(event.dimension) / variance / variance
        }
        // A relative rounding allowance, so that the order of summation never lowers the result.
        let allowance = 1 + 4e-16 * Double(events.count + 2)
        if !events.isEmpty {
            muSquared *= allowance
            discreteness *= allowance
        }
    }
}
