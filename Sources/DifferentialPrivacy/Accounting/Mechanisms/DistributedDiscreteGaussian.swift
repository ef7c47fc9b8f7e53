#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// Sums of discrete Gaussians drawn by several clients (Kairouz, Liu and Steinke 2021): not discrete Gaussian, but close.
package struct DistributedDiscreteGaussian: Sendable {
    /// Norms of one user's rounded vector, in grid units.
    package let norm: Double
    package let absoluteNorm: Double
    /// τ: how far the sum of the clients' noises is from a discrete Gaussian.
    package let tau: Double
    /// Concentrated ε of one round; ρ = ε²/2.
    package let concentratedEpsilon: Double

    /// - Parameters: clients: n ≥ 1. dimension: d ≥ 1. clip: real L2 norm > 0. gridStep: γ > 0. localDeviation: each client's σ, real units, > 0. beta: chance
    ///   of repeating the rounding, in (0, 1).
    /// - Throws: ``PrivacyError`` (`invalidParameter`).
    package init(clients: Int, dimension: Int, clip: Double, gridStep: Double, localDeviation: Double, beta: Double) throws {
        guard clients >= 1, clients <= 10_000_000, dimension >= 1 else { throw PrivacyError(.invalidParameter, "clients and dimension must be at least 1") }
        guard clip > 0, clip.isFinite, gridStep > 0, gridStep.isFinite, localDeviation > 0, localDeviation.isFinite else {
            throw PrivacyError(.invalidParameter, "clip, grid step and noise must be positive numbers")
        }
        guard beta > 0, beta < 1 else { throw PrivacyError(.invalidParameter, "the rounding's β must lie strictly between 0 and 1, not \(beta)") }
        let d = Double(dimension)
        let scaled = clip / gridStep
        norm = min(
            scaled + d.squareRoot(),
            (scaled * scaled + d / 4 + (2 * log(1 / beta)).squareRoot() * (scaled + d.squareRoot() / 2)).squareRoot())
        absoluteNorm = min(norm * d.squareRoot(), norm * norm)
        let local = localDeviation / gridStep
        var sum = 0.0
        for k in 1..<max(clients, 1) where clients > 1 {
            let term = exp(-2 * Double.pi * Double.pi * local * local * Double(k) / Double(k + 1))
            sum += term
            // Terms fall towards e^(−2π²σ²); all that follow are smaller.
            if term == 0 { break }
        }
        tau = 10 * sum
        let n = Double(clients)
        let central = norm * norm / (n * local * local)
        concentratedEpsilon = min(
            (central + 2 * tau * d).squareRoot(),
            (central + 2 * absoluteNorm * tau / (n.squareRoot() * local) + tau * tau * d).squareRoot(),
            central.squareRoot() + tau * d.squareRoot())
    }

    /// ρ of `steps` rounds.
    package func rho(steps: Int) -> Double { Double(steps) * concentratedEpsilon * concentratedEpsilon / 2 }
}

/// Noise that is a difference of two Poisson variables, closed under sums (Agarwal, Kairouz and Liu 2021, theorem 3.5).
package enum Skellam {
    /// ε(α) ≤ αΔ₂²/(2μ) + min(((2α − 1)Δ₂² + 6Δ₁)/(4μ²), 3Δ₁/(2μ)).
    /// - Parameters: alpha: whole, > 1. absoluteSensitivity: Δ₁ ≥ 0. sensitivity: Δ₂ ≥ 0. variance: μ > 0 of the whole sum, all in grid units.
    /// - Throws: ``PrivacyError`` (`invalidParameter`).
    package static func divergence(alpha: Double, absoluteSensitivity l1: Double, sensitivity l2: Double, variance: Double) throws -> Double {
        guard alpha > 1, alpha.isFinite, alpha == alpha.rounded() else { throw PrivacyError(.invalidParameter, "the order must be a whole number above 1, not \(alpha)") }
        guard variance > 0, variance.isFinite, l1 >= 0, l1.isFinite, l2 >= 0, l2.isFinite else {
            throw PrivacyError(.invalidParameter, "the variance must be positive and sensitivities not negative")
        }
        let correction = min(((2 * alpha - 1) * l2 * l2 + 6 * l1) / (4 * variance * variance), 3 * l1 / (2 * variance))
        return alpha * l2 * l2 / (2 * variance) + correction
    }
}
