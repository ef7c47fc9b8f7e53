#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// Lower bounds on ε from one run with many canaries: what an attacker's guesses prove about the mechanism that was run.
///
/// m canary users take part or not, each by a fair coin of its own. Afterwards an attacker names r of them and guesses for each whether it took part; v guesses
/// are right. How many are named must not depend on the outcome. Unit of privacy: a user, under add/remove.
public struct EmpiricalEpsilon: Sendable, Hashable {
    /// m, r and v.
    public var canaries: Int
    public var guesses: Int
    public var correct: Int
    /// δ of the claim that is tested; in [0, 1).
    public var delta: Double
    /// Probability with which a bound may exceed the truth: 0.05 is usual.
    public var failure: Double

    public init(canaries: Int, guesses: Int, correct: Int, delta: Double, failure: Double = 0.05) {
        precondition(1 <= guesses && guesses <= canaries && 0 <= correct && correct <= guesses, "0 ≤ v ≤ r ≤ m and r ≥ 1")
        precondition(delta >= 0 && delta < 1 && failure > 0 && failure < 1, "δ in [0, 1) and a probability of failure in (0, 1)")
        self.canaries = canaries
        self.guesses = guesses
        self.correct = correct
        self.delta = delta
        self.failure = failure
    }

    /// The bound for any (ε, δ)-private mechanism (Steinke, Nasr and Jagielski 2023, *Privacy auditing with one (1) training run*, theorem 5.2).
    public var oneRun: Double {
        Self.largest(upTo: 50) { pValue(epsilon: $0) <= failure }
    }

    /// P(as many right guesses, were the mechanism (ε, δ)-private), from above: β + 2mδα with β = P(B ≥ v), α = max_i (P(B ≥ v − i) − β)/i, where B is binomial of r
    /// and e^ε/(1 + e^ε).
    public func pValue(epsilon: Double) -> Double {
        let q = 1 / (1 + exp(-epsilon))
        func mass(_ k: Int) -> Double {
            let n = Double(guesses)
            let ways = lgamma(n + 1) - lgamma(Double(k) + 1) - lgamma(n - Double(k) + 1)
            return exp(ways + Double(k) * log(q) - Double(guesses - k) * (epsilon + log1p(exp(-epsilon))))
        }
        let beta = correct <= guesses ? (correct...guesses).reduce(0.0) { $0 + mass($1) } : 0
        var alpha = 0.0
        var sum = 0.0
        for i in stride(from: 1, through: correct, by: 1) {
            sum += mass(correct - i)
            alpha = max(alpha, sum / Double(i))
        }
        return min(1, beta + 2 * Double(canaries) * delta * alpha)
    }

    /// The bound on μ of a Gaussian mechanism, by the recursion of Mahloujifar, Melis and Chaudhuri 2024 (*Auditing f-differential privacy in one run*,
    /// algorithm 3) with the trade-off curve of μ-Gaussian privacy.
    ///
    /// Why it holds: let p_i be the probability of i right guesses, α_i = Σ_{j ≥ i} (j/m) p_j and β_i = Σ_{j ≥ i} ((r − j)/m) p_j. A coin's guess is right while at least i others are, with
    /// probability α_{i+1} averaged over canaries, and wrong with β_i; a trade-off f of the mechanism gives β_i ≥ f̄⁻¹(α_{i+1}), f̄ = 1 − f. Were P(at least v right) ≥ τ,
    /// then α_v ≥ τv/m, and from there downward h_i = f̄⁻¹(r_{i+1}) ≤ β_i and r_i = r_{i+1} + i/(r − i) · (h_i − h_{i+1}) ≤ α_i; but α_0 + β_0 = r/m, so that r_0 + h_0 > r/m refutes it.
    public var gaussianMu: Double {
        Self.largest(upTo: 50) { refutes { NormalDistribution.cumulative(NormalDistribution.quantile($0) - $1) }($0) }
    }

    /// ε at δ of the Gaussian mechanism with ``gaussianMu``.
    public var gaussian: Double { GaussianComposition.epsilon(mu: gaussianMu, delta: delta) }

    /// Whether so many right guesses contradict, at the level `failure`, a trade-off curve with this inverse f̄⁻¹(α, parameter).
    private func refutes(_ inverse: @escaping (Double, Double) -> Double) -> (Double) -> Bool {
        { parameter in
            let (m, r, v) = (Double(canaries), Double(guesses), Double(correct))
            var above = (right: failure * v / m, wrong: failure * (r - v) / m)
            for i in stride(from: correct - 1, through: 0, by: -1) {
                let wrong = above.right > 0 ? inverse(min(above.right, 1), parameter) : 0
                above = (above.right + Double(i) / (r - Double(i)) * (wrong - above.wrong), wrong)
            }
            return above.right + above.wrong > r / m
        }
    }

    /// The largest x in 0 ... `limit` for which the condition holds; 0 when it fails at 0. The condition holds up to some x and fails beyond.
    private static func largest(upTo limit: Double, where holds: (Double) -> Bool) -> Double {
        guard holds(0) else { return 0 }
        if holds(limit) { return limit }
        var (low, high) = (0.0, limit)
        for _ in 0..<60 {
            let middle = (low + high) / 2
            if holds(middle) { low = middle } else { high = middle }
        }
        return low
    }
}

fileprivate extension NormalDistribution {
    /// Φ(x).
    static func cumulative(_ x: Double) -> Double { erfc(-x / 2.0.squareRoot()) / 2 }

    /// Φ⁻¹(p) by Newton steps on ln Φ, which is concave, from a start on the side where they do not overshoot; −∞ at 0, ∞ at 1.
    static func quantile(_ p: Double) -> Double {
        if p <= 0 { return -.infinity }
        if p >= 1 { return .infinity }
        if p > 0.5 { return -quantile(1 - p) }
        let target = log(p)
        // Φ(x) ≤ e^(−x²/2)/2 for x ≤ 0: the start lies at or below the root.
        var x = -max(0, -2 * (target + log(2.0))).squareRoot()
        for _ in 0..<60 {
            let value = logCumulative(x)
            let slope = exp(-x * x / 2 - value) / (2 * Double.pi).squareRoot()
            let step = (target - value) / slope
            x += step
            if step.magnitude <= 1e-14 * max(1, x.magnitude) { break }
        }
        return x
    }
}
