import DifferentialPrivacy
import Foundation

/// Tests of samples against a distribution, as p-values: small means "not from it". Thresholds of 10⁻⁶ with fixed seeds never flake.
enum SamplerStatistics {
    static let threshold = 1e-6

    /// P(χ²_k ≥ x), by Wilson and Hilferty's cube-root normal approximation; good to some percent of the logarithm for k ≥ 3.
    static func chiSquareTail(_ x: Double, degrees: Int) -> Double {
        let k = Double(degrees)
        let z = (pow(x / k, 1.0 / 3) - (1 - 2 / (9 * k))) / (2 / (9 * k)).squareRoot()
        return erfc(z / 2.0.squareRoot()) / 2
    }

    /// Two-sided p-value of a standard normal deviate.
    static func twoSided(_ z: Double) -> Double { erfc(z.magnitude / 2.0.squareRoot()) }

    /// Two-sided p-value of a binomial count, normal approximation; for expected counts of at least about 20.
    static func binomial(_ count: Int, of n: Int, probability p: Double) -> Double {
        twoSided((Double(count) - Double(n) * p) / (Double(n) * p * (1 - p)).squareRoot())
    }

    /// χ² of a sample against the discrete Gaussian of a σ, in bins of width `max(1, σ/4)` that hold at least 20 expected draws.
    static func discreteGaussianFit(_ sample: [Int64], sigma: Double) -> Double {
        let width = max(1, Int64(sigma / 4))
        let reach = Int64(12 * sigma) + 12
        var weight: [Int64: Double] = [:]
        var total = 0.0
        for x in -reach...reach {
            let p = exp(-Double(x) * Double(x) / (2 * sigma * sigma))
            weight[bin(x, width), default: 0] += p
            total += p
        }
        var observed: [Int64: Int] = [:]
        for x in sample { observed[bin(x, width), default: 0] += 1 }
        let n = Double(sample.count)
        var statistic = 0.0
        var bins = 0
        var (restExpected, restObserved) = (0.0, sample.count)
        for (key, value) in weight {
            let expected = n * value / total
            guard expected >= 20 else {
                restExpected += expected
                continue
            }
            let count = observed[key] ?? 0
            restObserved -= count
            statistic += (Double(count) - expected) * (Double(count) - expected) / expected
            bins += 1
        }
        if restExpected >= 5 {
            statistic += (Double(restObserved) - restExpected) * (Double(restObserved) - restExpected) / restExpected
            bins += 1
        } else if restObserved > 40 {
            return 0
        }
        return chiSquareTail(statistic, degrees: max(bins - 1, 1))
    }

    private static func bin(_ x: Int64, _ width: Int64) -> Int64 {
        x >= 0 ? x / width : -((-x + width - 1) / width)
    }

    /// p-value of "this vector is noise of at least the claimed standard deviation": the sum of squares in units of σ² is χ² with as many degrees
    /// of freedom as coordinates. Small when there is too little noise.
    static func hasAtLeast(_ noise: [Int64], standardDeviation sigma: Double) -> Double {
        let statistic = noise.reduce(0.0) { $0 + Double($1) * Double($1) } / (sigma * sigma)
        return 1 - chiSquareTail(statistic, degrees: noise.count)
    }
}
