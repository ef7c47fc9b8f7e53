import CKernels

#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// Rényi divergence of one step under add/remove of one user, as a function of the order; nats.
package enum RenyiDivergence {
    /// ε(α) of Poisson sampling at rate q and Gaussian noise z on a sum of sensitivity 1.
    ///
    /// The larger direction is D_α((1 − q) N(0, z²) + q N(1, z²) ‖ N(0, z²)) (Mironov, Talwar and Zhang 2019, theorem 5).
    /// - Parameters: alpha > 1, z > 0, q in (0, 1].
    package static func subsampledGaussian(alpha: Double, noiseMultiplier z: Double, samplingRate q: Double) -> Double {
        q >= 1 ? alpha / (2 * z * z) : SubsampledGaussian(noiseMultiplier: z, samplingRate: q, largestOrder: alpha).divergence(alpha)
    }

    /// ε(α) of Laplace noise of scale b on a number of sensitivity 1 (Mironov 2017, proposition 6).
    package static func laplace(alpha: Double, scale: Double) -> Double {
        let e = 1 / scale
        return e + log1p((alpha - 1) * expm1((1 - 2 * alpha) * e) / (2 * alpha - 1)) / (alpha - 1)
    }

    /// One step's moments at many orders: what does not depend on the order is computed once.
    ///
    /// The moment is integrated by the trapezoid rule, which converges faster than any power for these densities; with step z/10 its
    /// error is below 10⁻¹³. The integrand r^α − 1 − α(r − 1) is non-negative and subtracts what sums to zero, so that nothing cancels for small q.
    struct SubsampledGaussian {
        private let z: Double
        private let q: Double
        private let step: Double
        private var losses: [Double] = []
        private var increments: [Double] = []
        private var densities: [Double] = []
        private var logDensities: [Double] = []
        /// Whole orders above it are summed exactly instead of integrated.
        private static let integrated = 64.0
        /// Nodes that are afforded; orders that would need more, with very little noise, get an infinite bound.
        private static let affordable = 400_000

        /// - Parameter largestOrder: the largest fractional order that will be asked for, > 1.
        init(noiseMultiplier z: Double, samplingRate q: Double, largestOrder: Double) {
            self.z = z
            self.q = q
            step = z / 10
            let count = min(nodes(largestOrder == largestOrder.rounded() ? min(largestOrder, Self.integrated) : largestOrder), Self.affordable)
            let normaliser = log(step / (z * (2 * Double.pi).squareRoot()))
            losses.reserveCapacity(count)
            increments.reserveCapacity(count)
            densities.reserveCapacity(count)
            logDensities.reserveCapacity(count)
            for index in 0..<count {
                let x = -14 * z + Double(index) * step
                let exponent = (2 * x - 1) / (2 * z * z)
                let increment = q * expm1(exponent)
                let logDensity = normaliser - x * x / (2 * z * z)
                losses.append(exponent < 600 ? log1p(increment) : log(q) + exponent)
                increments.append(increment)
                densities.append(exp(logDensity))
                logDensities.append(logDensity)
            }
        }

        private func nodes(_ alpha: Double) -> Int { Int(min((28 * z + 1 + alpha) / step, 1e9).rounded(.up)) + 1 }

        func divergence(_ alpha: Double) -> Double {
            if alpha > Self.integrated, alpha == alpha.rounded() { return whole(alpha) }
            let count = nodes(alpha)
            if count > losses.count { return alpha == alpha.rounded() ? whole(alpha) : .infinity }
            let excess = tributary_renyi_excess(Int64(count), alpha, losses, increments, densities)
            if excess.isFinite, excess < 0.1 { return log1p(excess) / (alpha - 1) }
            // Large moments: plain sum of r^α in logarithms.
            let peak = tributary_log_peak(Int64(count), alpha, losses, logDensities)
            var sums = [0.0, 0.0]
            return (peak + log(tributary_log_sum(Int64(count), alpha, losses, logDensities, peak, &sums))) / (alpha - 1)
        }

        /// A − 1 = Σ_{i ≥ 2} C(α, i) (1 − q)^(α − i) q^i (e^((i² − i)/(2z²)) − 1): the binomial probabilities add up to one, and every term is positive.
        private func whole(_ alpha: Double) -> Double {
            let (logQ, logRest) = (log(q), log1p(-q))
            var logarithms: [Double] = []
            var logChoose = log(alpha)
            for i in 2...Int(alpha) {
                let k = Double(i)
                logChoose += log((alpha - k + 1) / k)
                let growth = (k * k - k) / (2 * z * z)
                logarithms.append(logChoose + (alpha - k) * logRest + k * logQ + (growth < 30 ? log(expm1(growth)) : growth))
            }
            let peak = logarithms.max() ?? 0
            let excess = peak + log(logarithms.reduce(0) { $0 + exp($1 - peak) })
            return (excess < 0 ? log1p(exp(excess)) : excess + log1p(exp(-excess))) / (alpha - 1)
        }
    }

    /// The ε of an (α, ε(α)) bound at δ: ε(α) + ln(1 − 1/α) − (ln δ + ln α)/(α − 1) (Canonne, Kamath and Steinke 2020, proposition 12); 0 when the
    /// bound on total variation already gives δ.
    static func epsilon(alpha: Double, divergence: Double, delta: Double) -> Double {
        // TV² ≤ 1 − e^(−KL) (Bretagnolle and Huber 1979), and KL ≤ ε(α).
        if delta * delta > -expm1(-divergence) { return 0 }
        return max(0, divergence + log1p(-1 / alpha) - (log(delta) + log(alpha)) / (alpha - 1))
    }

    /// The ln δ of an (α, ε(α)) bound at ε, by the same theorem.
    static func logDelta(alpha: Double, divergence: Double, epsilon: Double) -> Double {
        let conversion = (alpha - 1) * (divergence - epsilon + log1p(-1 / alpha)) - log(alpha)
        return min(0, conversion, 0.5 * log(-expm1(-divergence)))
    }
}
