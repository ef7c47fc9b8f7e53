import Foundation

/// δ(ε) of composed Poisson-subsampled Gaussians by numerical inversion of the Laplace transform of the privacy loss: no grid of losses, no
/// Fourier transform, nothing in common with the accountant it checks. For any λ > 0
/// δ(ε) = (1/π) Re ∫₀^∞ exp(Σ c ln M(λ + it) − (λ + it) ε) / ((λ + it)(λ + 1 + it)) dt, M(s) = E[e^(sL)]. It is no certified bound; two abscissae must agree.
struct LaplaceInversion {
    struct Round {
        var sigma: Double
        var q: Double
        var count: Double
    }
    private struct Nodes {
        var loss: [Double]
        var logMass: [Double]
        var count: Double
    }
    private var parts: [Nodes]

    /// - Parameter removing: direction; otherwise the user is added.
    init(_ rounds: [Round], removing: Bool) {
        parts = rounds.map { round in
            var nodes = Nodes(loss: [], logMass: [], count: round.count)
            let step = round.sigma / 48
            let variance = round.sigma * round.sigma
            for index in 0..<Int((28 * round.sigma + 40) / step) {
                let x = -14 * round.sigma + Double(index) * step
                let z = (2 * x - 1) / (2 * variance)
                let loss = z < 30 ? log1p(round.q * expm1(z)) : z + log(round.q + (1 - round.q) * exp(-z))
                let base = -x * x / (2 * variance) + log(step / (round.sigma * (2 * Double.pi).squareRoot()))
                nodes.loss.append(removing ? loss : -loss)
                nodes.logMass.append(removing ? base + loss : base)
            }
            return nodes
        }
    }

    private func moments(_ lambda: Double) -> (log: Double, mean: Double, variance: Double) {
        parts.reduce((0, 0, 0)) { total, part in
            let exponents = part.loss.indices.map { lambda * part.loss[$0] + part.logMass[$0] }
            let peak = exponents.max() ?? 0
            let weights = exponents.map { exp($0 - peak) }
            let sum = weights.reduce(0, +)
            let mean = zip(weights, part.loss).reduce(0) { $0 + $1.0 * $1.1 } / sum
            let variance = zip(weights, part.loss).reduce(0) { $0 + $1.0 * ($1.1 - mean) * ($1.1 - mean) } / sum
            return (total.0 + part.count * (peak + log(sum)), total.1 + part.count * mean, total.2 + part.count * variance)
        }
    }

    /// The abscissa at which the integrand falls fastest: where K′(λ) = ε, by bisection.
    func abscissa(epsilon: Double) -> Double {
        var (low, high) = (log(0.02), log(30.0))
        for _ in 0..<30 {
            let middle = (low + high) / 2
            if moments(exp(middle)).mean < epsilon { low = middle } else { high = middle }
        }
        return exp(low)
    }

    func delta(epsilon: Double, lambda: Double) -> Double {
        let center = moments(lambda)
        let deviation = center.variance.squareRoot()
        let tilted = parts.map { part -> (mean: Double, centred: [Double], weights: [Double], count: Double) in
            let exponents = part.loss.indices.map { lambda * part.loss[$0] + part.logMass[$0] }
            let peak = exponents.max() ?? 0
            var weights = exponents.map { exp($0 - peak) }
            let sum = weights.reduce(0, +)
            weights = weights.map { $0 / sum }
            let mean = zip(weights, part.loss).reduce(0) { $0 + $1.0 * $1.1 }
            let kept = weights.indices.filter { weights[$0] > 1e-18 }
            return (mean, kept.map { part.loss[$0] - mean }, kept.map { weights[$0] }, part.count)
        }
        // Period 90 deviations, until nothing is left of the characteristic function.
        let spacing = 0.07 / deviation
        var sum = 0.0
        for index in 0..<3000 {
            let t = Double(index) * spacing
            var (real, imaginary) = (0.0, -t * epsilon)
            for part in tilted {
                // φ − 1 with centred losses, without cancellation.
                var (a, b) = (0.0, 0.0)
                for (weight, loss) in zip(part.weights, part.centred) {
                    let half = sin(t * loss / 2)
                    a -= 2 * weight * half * half
                    b += weight * (sin(t * loss) - t * loss)
                }
                real += part.count * 0.5 * log1p(2 * a + a * a + b * b)
                imaginary += part.count * (atan2(b, 1 + a) + t * part.mean)
            }
            if real < -42 { break }
            // 1 / ((λ + it)(λ + 1 + it))
            let (c, d) = (lambda * (lambda + 1) - t * t, t * (2 * lambda + 1))
            let size = exp(real) / (c * c + d * d)
            sum += (index == 0 ? 0.5 : 1) * size * (cos(imaginary) * c + sin(imaginary) * d)
        }
        return exp(center.log - lambda * epsilon) * sum * spacing / Double.pi
    }
}
