import CKernels

#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// Batches of a fixed size drawn without replacement, then Gaussian noise (Wang, Balle and Kasiviswanathan 2019, theorem 27).
///
/// Neighbouring relation: **replace one**; σ is relative to the replace-one sensitivity, twice the clip. Rényi bounds at whole orders.
package struct FixedSizeSampling: Sendable {
    private let sigma: Double
    private let fraction: Double
    /// ln E[(r − 1)^l] for even l, r the likelihood ratio of the mechanism without sampling.
    private let logDifferences: [Double]
    private static let largestOrder = 128

    /// - Parameters: sigma: > 0. datasetSize: ≥ sampleSize ≥ 1.
    /// - Throws: ``PrivacyError`` (`invalidParameter`).
    package init(sigma: Double, datasetSize: Int, sampleSize: Int) throws {
        guard sigma >= 0.01, sigma <= 1e9 else { throw PrivacyError(.invalidParameter, "the noise must be between 0.01 and 10⁹ sensitivities, not \(sigma)") }
        guard sampleSize >= 1, sampleSize <= datasetSize else {
            throw PrivacyError(.invalidParameter, "a sample of \(sampleSize) cannot be drawn without replacement from \(datasetSize)")
        }
        self.sigma = sigma
        fraction = Double(sampleSize) / Double(datasetSize)
        // The integrand is non-negative for even l, so that nothing cancels; it peaks between 0 and l.
        let step = sigma / 10
        let count = Int((28 * sigma + 2 + Double(Self.largestOrder)) / step)
        var ratios: [Double] = []
        var densities: [Double] = []
        for index in 0..<count {
            let x = -14 * sigma + Double(index) * step
            let z = (2 * x - 1) / (2 * sigma * sigma)
            ratios.append(z > 600 ? z : log(expm1(z).magnitude))
            densities.append(-x * x / (2 * sigma * sigma) + log(step / (sigma * (2 * Double.pi).squareRoot())))
        }
        logDifferences = stride(from: 0, through: Self.largestOrder, by: 2).map { order in
            guard order > 0 else { return 0 }
            var sums = [0.0, 0.0]
            // A node where r = 1 exactly contributes nothing.
            let logarithms = ratios.map { $0.isFinite ? $0 : -1e6 }
            let peak = tributary_log_peak(Int64(count), Double(order), logarithms, densities)
            return peak + log(tributary_log_sum(Int64(count), Double(order), logarithms, densities, peak, &sums))
        }
    }

    /// ε(α) of one round: ln(1 + Σ_{j ≥ 2} γ^j C(α, j) B_j)/(α − 1), with B_2 ≤ min(4(e^ε(2) − 1), 2e^ε(2)) and, for j > 2,
    /// B_j ≤ min(4 √(D_{2⌊j/2⌋} D_{2⌈j/2⌉}), 2e^((j − 1)ε(j))), D_l = E[(r − 1)^l].
    /// - Parameter alpha: 2 … 128.
    package func divergence(_ alpha: Int) -> Double {
        if fraction >= 1 { return Double(alpha) / (2 * sigma * sigma) }
        let variance = sigma * sigma
        var logarithms = [0.0]
        var logChoose = log(Double(alpha))
        for j in 2...alpha {
            let k = Double(j)
            logChoose += log((Double(alpha) - k + 1) / k)
            let bound: Double
            if j == 2 {
                bound = min(log(4) + log(expm1(1 / variance)), log(2) + 1 / variance)
            } else {
                bound = min(log(4) + 0.5 * (logDifferences[j / 2] + logDifferences[(j + 1) / 2]), log(2) + k * (k - 1) / (2 * variance))
            }
            logarithms.append(bound + logChoose + k * log(fraction))
        }
        let peak = logarithms.max() ?? 0
        return (peak + log(logarithms.reduce(0) { $0 + exp($1 - peak) })) / Double(alpha - 1)
    }

    /// The smallest ε over the whole orders, and its order.
    /// - Parameters: steps: ≥ 1. delta: in (0, 1).
    package func epsilon(steps: Int, delta: Double) -> (epsilon: Double, order: Int) {
        var best = (epsilon: Double.infinity, order: 2)
        for alpha in 2...Self.largestOrder {
            let epsilon = RenyiDivergence.epsilon(alpha: Double(alpha), divergence: Double(steps) * divergence(alpha), delta: delta)
            if epsilon < best.epsilon { best = (epsilon, alpha) }
        }
        return best
    }

    /// Sampling only helps: full participation in every round, exactly.
    package func epsilonWithoutAmplification(steps: Int, delta: Double) -> Double {
        GaussianComposition.epsilon(mu: Double(steps).squareRoot() / sigma, delta: delta)
    }
}
