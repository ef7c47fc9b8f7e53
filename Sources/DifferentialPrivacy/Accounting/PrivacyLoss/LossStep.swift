#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// One step of a mechanism as a privacy-loss distribution can represent it. Sensitivity 1; neighbouring relation: add or remove one user.
package enum LossStep: Sendable, Hashable {
    /// Poisson sampling at rate q in (0, 1], then Gaussian noise of standard deviation sigma > 0. The pair for removal is
    /// P = (1 − q) N(0, σ²) + q N(1, σ²), Q = N(0, σ²) (Zhu, Dong and Wang 2022); addition exchanges the two.
    case gaussian(sigma: Double, samplingRate: Double)
    /// Laplace noise of scale b > 0, without sampling. Removal and addition are alike.
    case laplace(scale: Double)

    /// Which user of the neighbouring pair the outputs come from.
    enum Direction: Sendable, CaseIterable {
        case remove
        case add
    }

    /// Whether both directions have the same distribution of losses.
    var isSymmetric: Bool {
        switch self {
        case .gaussian(_, let q): q >= 1
        case .laplace: true
        }
    }

    /// Where the outputs x are cut, such that under either distribution at most `tail` lies on either side.
    struct Reach {
        var low: Double
        var high: Double
        /// Mass below `low` and above `high` of the mixture and of the base.
        var mixtureBelow: Double
        var mixtureAbove: Double
        var baseBelow: Double
        var baseAbove: Double
    }

    static func reach(sigma: Double, samplingRate q: Double, tail: Double) -> Reach {
        func upper(_ t: Double) -> Double { exp(NormalDistribution.logCumulative(-t)) }
        func mixture(_ x: Double) -> Double { (1 - q) * upper(x / sigma) + q * upper((x - 1) / sigma) }
        // The whole bisection is cheap, and its end on the side where the condition holds is what is used.
        var (inside, outside) = (0.0, 40.0)
        for _ in 0..<40 {
            let t = (inside + outside) / 2
            if upper(t) <= tail { outside = t } else { inside = t }
        }
        let low = -sigma * outside
        (inside, outside) = (-40 * sigma, 1 + 40 * sigma)
        for _ in 0..<48 {
            let x = (inside + outside) / 2
            if mixture(x) <= tail { outside = x } else { inside = x }
        }
        let high = max(outside, low + sigma)
        return Reach(
            low: low, high: high, mixtureBelow: (1 - q) * upper(-low / sigma) + q * upper((1 - low) / sigma), mixtureAbove: mixture(high),
            baseBelow: upper(-low / sigma), baseAbove: upper(high / sigma))
    }

    /// Distance between the smallest and the largest loss that are kept.
    func span(tail: Double) -> Double {
        switch self {
        case .gaussian(let sigma, let q):
            let reach = Self.reach(sigma: sigma, samplingRate: q, tail: tail)
            return Self.loss(reach.high, sigma: sigma, samplingRate: q) - Self.loss(reach.low, sigma: sigma, samplingRate: q)
        case .laplace(let scale): return 2 / scale
        }
    }

    /// ln((1 − q) + q e^((2x − 1)/(2σ²))), increasing in x.
    static func loss(_ x: Double, sigma: Double, samplingRate q: Double) -> Double {
        let z = (2 * x - 1) / (2 * sigma * sigma)
        if q >= 1 { return z }
        return z < 30 ? log1p(q * expm1(z)) : z + log(q + (1 - q) * exp(-z))
    }
}
