#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// One release: closed forms.
enum SingleStep {
    static func epsilon(_ step: LossStep, delta: Double) -> Double? {
        switch step {
        case .gaussian(let sigma, let q):
            if q >= 1 { return GaussianComposition.epsilon(mu: 1 / sigma, delta: delta) }
            return Bisection.smallest(from: 0, step: 1) { (self.delta(step, epsilon: $0) ?? 1) <= delta }
        case .laplace(let scale):
            return max(0, (1 / scale + 2 * log1p(-delta)) * (1 + 4e-16))
        }
    }

    /// δ(ε) of one release, the larger direction: for removal with x* = σ² ln((e^ε − 1 + q)/q) + 1/2 it is
    /// (1 − q) Φ(−x*/σ) + q Φ((1 − x*)/σ) − e^ε Φ(−x*/σ).
    static func delta(_ step: LossStep, epsilon: Double) -> Double? {
        switch step {
        case .gaussian(let sigma, let q):
            if q >= 1 { return GaussianComposition.delta(epsilon: epsilon, mu: 1 / sigma) }
            return max(remove(sigma, q, epsilon), add(sigma, q, epsilon))
        case .laplace(let scale):
            return max(0, -expm1((epsilon - 1 / scale) / 2))
        }
    }

    private static func remove(_ sigma: Double, _ q: Double, _ epsilon: Double) -> Double {
        let x = 0.5 + sigma * sigma * (epsilon < 700 ? log1p(expm1(epsilon) / q) : epsilon - log(q))
        let far = NormalDistribution.logCumulative((1 - x) / sigma)
        let near = NormalDistribution.logCumulative(-x / sigma)
        // q Φ((1 − x)/σ) − (e^ε − 1 + q) Φ(−x/σ)
        let second = log(expm1(min(epsilon, 700)) + q) + max(0, epsilon - 700) + near
        return exp(log(q) + far) * (max(0, -expm1(second - log(q) - far)) + 4e-15 * (1 + far.magnitude + epsilon))
    }

    /// For addition losses are −l, at most −ln(1 − q): δ = Φ(x/σ) − e^ε ((1 − q) Φ(x/σ) + q Φ((x − 1)/σ)) with x = σ² ln((e^(−ε) − 1 + q)/q) + 1/2.
    private static func add(_ sigma: Double, _ q: Double, _ epsilon: Double) -> Double {
        let share = expm1(-epsilon) / q
        guard share > -1 else { return 0 }
        let x = 0.5 + sigma * sigma * log1p(share)
        let near = NormalDistribution.logCumulative(x / sigma)
        let far = NormalDistribution.logCumulative((x - 1) / sigma)
        // (1 − e^ε (1 − q)) Φ(x/σ) − e^ε q Φ((x − 1)/σ)
        let first = (q - (1 - q) * expm1(epsilon))
        guard first > 0 else { return 0 }
        let second = log(q) + epsilon + far - near - log(first)
        return first * exp(near) * (max(0, -expm1(second)) + 4e-15 * (1 + near.magnitude + epsilon) / min(1, first))
    }
}
