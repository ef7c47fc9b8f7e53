#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// The banded Toeplitz matrix mechanism for prefix sums: releases A x + B z with A = B C, C lower triangular, banded and Toeplitz.
///
/// C's first column is the series of 1/√(1 − x), cut after the bands (Fichtenberger, Henzinger and Upadhyay 2023; Choquette-Choo et al. 2023).
/// Unit: user; neighbouring relation: one user's contributions become zero. Noise σ is relative to the sensitivity of one participation in a mechanism
/// with C = 1; the whole run is one Gaussian mechanism of sensitivity ‖Σ_j C e_{t + jb}‖.
package struct ToeplitzFactorization: Sendable {
    /// T ≥ 1.
    package let steps: Int
    /// First column of C: `bands` entries, falling from 1.
    package let strategy: [Double]

    /// - Throws: ``PrivacyError`` (`invalidParameter`) unless 1 ≤ bands ≤ steps ≤ 10⁶.
    package init(steps: Int, bands: Int) throws {
        guard steps >= 1, steps <= 1_000_000, bands >= 1, bands <= steps else {
            throw PrivacyError(.invalidParameter, "a factorization needs 1 ≤ bands ≤ steps ≤ 1,000,000, not \(bands) bands and \(steps) steps")
        }
        guard steps * bands <= 4_000_000_000 else {
            throw PrivacyError(.invalidParameter, "\(bands) bands over \(steps) steps take too long; steps times bands may be at most 4,000,000,000")
        }
        self.steps = steps
        var strategy = [1.0]
        for k in 1..<max(bands, 1) where bands > 1 { strategy.append(strategy[k - 1] * Double(2 * k - 1) / Double(2 * k)) }
        self.strategy = strategy
    }

    /// First column of C⁻¹, `count` entries: the noise of round t is Σ_k n_k z_{t − k}. n_0 = 1, n_k = −Σ_{i=1…min(k, b − 1)} c_i n_{k − i}.
    package func noising(count: Int) -> [Double] {
        var noising = [1.0]
        for k in 1..<max(count, 1) where count > 1 {
            var sum = 0.0
            for i in 1..<max(min(k, strategy.count - 1) + 1, 1) { sum += strategy[i] * noising[k - i] }
            noising.append(-sum)
        }
        return Array(noising.prefix(max(count, 0)))
    }

    /// The largest ‖Σ_j C e_{t_j}‖² over patterns with at most `participations` rounds t_j, any two at least `separation` apart. For columns that
    /// are non-negative and non-increasing the worst pattern starts at once and comes back as soon as it may (Kalinin and Lampert 2024).
    /// - Parameters: participations: ≥ 1. separation: ≥ 1.
    /// - Throws: ``PrivacyError`` (`invalidParameter`).
    package func sensitivitySquared(participations: Int, separation: Int) throws -> Double {
        guard participations >= 1, separation >= 1 else { throw PrivacyError(.invalidParameter, "participations and their separation are at least 1") }
        var column = [Double](repeating: 0, count: steps)
        for j in 0..<participations {
            let (start, overflow) = j.multipliedReportingOverflow(by: separation)
            guard !overflow, start < steps else { break }
            for (k, value) in strategy.enumerated() where start + k < steps { column[start + k] += value }
        }
        return column.reduce(0) { $0 + $1 * $1 }
    }

    /// Squared norms of the rows of B: the variance of each released prefix sum for noise of variance 1. The largest and the mean.
    package func prefixErrors() -> (largest: Double, mean: Double) {
        let noising = noising(count: steps)
        var (row, error, sum) = (0.0, 0.0, 0.0)
        var largest = 0.0
        for value in noising {
            row += value
            error += row * row
            sum += error
            largest = max(largest, error)
        }
        return (largest, sum / Double(steps))
    }

    /// Rounds in which one group of users takes part, when rounds go round over as many groups as there are bands: ⌈T / bands⌉.
    /// Poisson sampling inside a group is accounted over these alone (Choquette-Choo et al. 2023, theorem 1).
    package static func roundsPerGroup(steps: Int, bands: Int) -> Int { (steps + bands - 1) / bands }
}
