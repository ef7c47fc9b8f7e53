#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// ρ-zero-concentrated privacy, ε(α) = ρα at every order (Bun and Steinke 2016), and its conversions to (ε, δ).
package enum ZeroConcentrated {
    /// The smallest ε over all orders of Canonne, Kamath and Steinke's conversion (2020, proposition 12), and the order.
    /// - Parameters: rho ≥ 0. delta: in (0, 1).
    package static func conversion(rho: Double, delta: Double) -> (epsilon: Double, order: Double) {
        if rho == 0 { return (0, .infinity) }
        let near = 1 + (log(1 / delta) / rho).squareRoot()
        func bound(_ alpha: Double) -> Double { rho * alpha + log1p(-1 / alpha) - (log(delta) + log(alpha)) / (alpha - 1) }
        // The derivative's sign, (α − 1)²ρ + ln δ + ln α, rises with α, so that bisection finds the minimum to the last digit.
        let logarithm = Bisection.boundary(fails: log(near - 1) - 12, holds: log(near - 1) + 4) { logarithm in
            let excess = exp(logarithm)
            return excess * excess * rho + log(delta) + log1p(excess) >= 0
        }
        let alpha = 1 + exp(logarithm)
        return (RenyiDivergence.epsilon(alpha: alpha, divergence: rho * alpha, delta: delta) == 0 ? 0 : max(0, bound(alpha)), alpha)
    }

    /// The smallest ε over all orders.
    package static func epsilon(rho: Double, delta: Double) -> Double { conversion(rho: rho, delta: delta).epsilon }

    /// ρ + 2 √(ρ ln(1/δ)) (Bun and Steinke 2016, proposition 1.3): simpler and larger.
    package static func simpleEpsilon(rho: Double, delta: Double) -> Double {
        rho + 2 * (rho * log(1 / delta)).squareRoot()
    }
}
