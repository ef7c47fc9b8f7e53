#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// Rényi divergence of one step of the Poisson-subsampled Gaussian mechanism, and its conversion to (ε, δ).
package enum RenyiDivergence {
    /// ε(α) of one step under add/remove of one user, sensitivity 1, noise z, sampling rate q; nats.
    ///
    /// The larger direction is D_α((1 − q) N(0, z²) + q N(1, z²) ‖ N(0, z²)) (Mironov, Talwar and Zhang 2019, theorem 5). Its moment is integrated by the
    /// trapezoid rule, which converges faster than any power for these densities; with step z/10 its error is below 10⁻¹³. The
    /// integrand r^α − 1 − α(r − 1) is non-negative and subtracts what sums to zero, so that nothing cancels for small q.
    /// - Parameters: alpha > 1, z > 0, q in (0, 1].
    package static func subsampledGaussian(alpha: Double, noiseMultiplier z: Double, samplingRate q: Double) -> Double {
        if q >= 1 { return alpha / (2 * z * z) }
        let variance = z * z
        let step = z / 10
        let low = -14 * z
        let count = Int(((28 * z + 1 + alpha) / step).rounded(.up))
        let normaliser = step / (z * (2 * Double.pi).squareRoot())
        var excess = 0.0
        var largest = -Double.infinity
        for index in 0...count {
            let x = low + Double(index) * step
            let increment = q * expm1((2 * x - 1) / (2 * variance))
            let exponent = alpha * logRatio((2 * x - 1) / (2 * variance), q)
            let logDensity = -x * x / (2 * variance)
            largest = max(largest, exponent + logDensity)
            excess += exp(logDensity) * remainder(exponent, increment, alpha)
        }
        let moment = excess * normaliser
        if moment.isFinite, moment < 0.1 { return log1p(moment) / (alpha - 1) }
        // Large moments: plain sum of r^α in logarithms.
        var sum = 0.0
        for index in 0...count {
            let x = low + Double(index) * step
            sum += exp(alpha * logRatio((2 * x - 1) / (2 * variance), q) - x * x / (2 * variance) - largest)
        }
        return (largest + log(sum) + log(normaliser)) / (alpha - 1)
    }

    /// ln(1 + q(e^z − 1)), also where e^z overflows.
    @inline(__always)
    private static func logRatio(_ z: Double, _ q: Double) -> Double {
        z < 600 ? log1p(q * expm1(z)) : log(q) + z
    }

    /// r^α − 1 − α(r − 1) with r = 1 + u and α ln r given: by its series where the difference would cancel.
    @inline(__always)
    private static func remainder(_ exponent: Double, _ u: Double, _ alpha: Double) -> Double {
        if u.magnitude * alpha < 1e-2 && u.magnitude < 1e-2 {
            // Σ_{k≥2} C(α, k) u^k
            var term = alpha * u
            var sum = 0.0
            for k in 2..<12 {
                term *= (alpha - Double(k - 1)) / Double(k) * u
                sum += term
            }
            return sum
        }
        return expm1(exponent) - alpha * u
    }

    /// The ε of an (α, ε(α)) bound at δ: ε(α) + ln(1 − 1/α) − (ln δ + ln α)/(α − 1) (Canonne, Kamath and Steinke 2020, proposition 12); 0 when the
    /// bound on total variation already gives δ.
    static func epsilon(alpha: Double, divergence: Double, delta: Double) -> Double {
        // TV² ≤ 1 − e^(−KL) (Bretagnolle and Huber 1979), and KL ≤ ε(α).
        if delta * delta > -expm1(-divergence) { return 0 }
        return max(0, divergence + log1p(-1 / alpha) - (log(delta) + log(alpha)) / (alpha - 1))
    }

    /// The smallest ε over all orders of ρ-zero-concentrated privacy, ε(α) = ρα (Bun and Steinke 2016).
    package static func epsilon(rho: Double, delta: Double) -> Double {
        if rho == 0 { return 0 }
        let near = 1 + (log(1 / delta) / rho).squareRoot()
        let best = Bisection.minimum(from: log(near - 1) - 4, to: log(near - 1) + 4) { logarithm in
            let alpha = 1 + exp(logarithm)
            return rho * alpha + log1p(-1 / alpha) - (log(delta) + log(alpha)) / (alpha - 1)
        }
        let alpha = 1 + exp(best)
        return epsilon(alpha: alpha, divergence: rho * alpha, delta: delta)
    }
}
