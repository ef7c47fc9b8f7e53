#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// Any sequence of Gaussian mechanisms, exactly: it is one Gaussian mechanism with μ² = Σ (sensitivity/σ)² (Dong, Roth and Su 2022, cor. 3.3), also when
/// later mechanisms are chosen by earlier outputs as long as the sum is bounded (Smith and Thakurta 2022).
package enum GaussianComposition {
    /// An upper bound on ln δ(ε) of μ-Gaussian privacy, δ = Φ(μ/2 − ε/μ) − e^ε Φ(−μ/2 − ε/μ) (Balle and Wang 2018, theorem 8).
    ///
    /// The two terms are known to a few units in the last place of their logarithms; that much of the first is added to the difference,
    /// so that rounding never makes δ smaller than it is. It is visible only where δ is some 10⁻¹⁴ of Φ(μ/2 − ε/μ).
    static func logDelta(epsilon: Double, mu: Double) -> Double {
        let x = NormalDistribution.logCumulative(mu / 2 - epsilon / mu)
        let y = epsilon + NormalDistribution.logCumulative(-mu / 2 - epsilon / mu)
        if x == -.infinity { return -.infinity }
        let rounding = 1e-15 * (1 + x.magnitude + min(y.magnitude, 1e6))
        return x + log(max(0, -expm1(y - x)) + rounding)
    }

    /// δ(ε) of μ-Gaussian privacy, rounded upward.
    package static func delta(epsilon: Double, mu: Double) -> Double { min(1, exp(logDelta(epsilon: epsilon, mu: mu))) }

    /// The smallest ε ≥ 0 with δ(ε) + (1 + e^ε) slack ≤ δ; infinite when the slack alone exceeds δ.
    ///
    /// - Parameter slack: total-variation distance between the mechanism run and the Gaussian one; 0 for the Gaussian itself.
    package static func epsilon(mu: Double, delta: Double, slack: Double = 0) -> Double {
        if mu == 0 { return 0 }
        func holds(_ epsilon: Double) -> Bool {
            let left = delta - (1 + exp(epsilon)) * slack
            return left > 0 && logDelta(epsilon: epsilon, mu: mu) <= log(left)
        }
        if slack == 0 { return exactEpsilon(mu: mu, delta: delta) }
        // The set of valid ε is an interval: δ(ε) falls and the slack grows, and their sum is convex in e^ε. Its lower end lies above the
        // ε of the slack-free mechanism.
        let start = epsilon(mu: mu, delta: delta)
        if !start.isFinite || holds(start) { return start }
        let minimum = Bisection.minimum(from: start, to: log(delta / slack + 1)) { epsilon in
            exp(logDelta(epsilon: epsilon, mu: mu)) + (1 + exp(epsilon)) * slack
        }
        guard holds(minimum) else { return .infinity }
        return Bisection.boundary(fails: start, holds: minimum, where: holds)
    }

    /// The smallest ε with δ(ε) ≤ δ: ln δ is concave in ε, so that Newton's method comes from above; the last digits are settled by bisection.
    private static func exactEpsilon(mu: Double, delta: Double) -> Double {
        guard mu < 1e8 else { return .infinity }
        let target = log(delta)
        func holds(_ epsilon: Double) -> Bool { logDelta(epsilon: epsilon, mu: mu) <= target }
        if holds(0) { return 0 }
        var epsilon = mu * mu / 2 + mu * (-2 * target).squareRoot()
        for _ in 0..<40 {
            let value = logDelta(epsilon: epsilon, mu: mu)
            // d ln δ / dε = −e^ε Φ(−μ/2 − ε/μ) / δ
            let slope = exp(epsilon + NormalDistribution.logCumulative(-mu / 2 - epsilon / mu) - value)
            let step = (value - target) / slope
            guard step.isFinite, slope > 0 else { break }
            epsilon = max(0, epsilon + step)
            if step.magnitude <= 1e-14 * epsilon { break }
        }
        guard epsilon.isFinite else { return Bisection.smallest(from: 0, step: mu * mu / 2 + mu + 1, where: holds) }
        var stride = max(4e-16 * epsilon, 1e-300)
        var high = epsilon
        while !holds(high) {
            high += stride
            stride *= 4
            if !high.isFinite { return .infinity }
        }
        stride = 4e-16 * high
        var low = high - stride
        while low > 0, holds(low) {
            high = low
            stride *= 4
            low -= stride
        }
        return Bisection.boundary(fails: max(0, low), holds: high, where: holds)
    }

    /// The smallest 1/μ with δ(ε) ≤ δ, from above: the noise multiplier of a single release.
    static func noiseMultiplier(epsilon: Double, delta: Double) -> Double {
        Bisection.smallest(from: 1e-6, step: 1) { logDelta(epsilon: epsilon, mu: 1 / $0) <= log(delta) }
    }
}
