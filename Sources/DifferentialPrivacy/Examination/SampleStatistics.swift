#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// Tests of samples against a distribution, as p-values: small means "not from it". Thresholds of 10⁻⁶ with fixed seeds never flake.
package enum SampleStatistics {
    package static let threshold = 1e-6

    /// P(χ²_k ≥ x), by Wilson and Hilferty's cube-root normal approximation; good to some percent of the logarithm for k ≥ 3.
    package static func chiSquareTail(_ x: Double, degrees: Int) -> Double {
        let k = Double(degrees)
        let z = (cbrt(x / k) - (1 - 2 / (9 * k))) / (2 / (9 * k)).squareRoot()
        return erfc(z / 2.0.squareRoot()) / 2
    }

    /// Two-sided p-value of a standard normal deviate.
    package static func twoSided(_ z: Double) -> Double { erfc(z.magnitude / 2.0.squareRoot()) }

    /// Two-sided p-value of a binomial count: normal approximation, or Poisson's tails where fewer than 20 are expected.
    package static func binomial(_ count: Int, of n: Int, probability p: Double) -> Double {
        let expected = Double(n) * p
        if expected < 20 { return poisson(count, expected: expected) }
        return twoSided((Double(count) - expected) / (expected * (1 - p)).squareRoot())
    }

    /// Two-sided p-value of a Poisson count: twice the smaller tail, at most 1.
    package static func poisson(_ count: Int, expected: Double) -> Double {
        func mass(_ k: Int) -> Double { exp(Double(k) * log(expected) - expected - lgamma(Double(k) + 1)) }
        let below = (0...max(count, 0)).reduce(0.0) { $0 + mass($1) }
        let above = 1 - below + mass(count)
        return min(1, 2 * min(below, max(above, mass(count))))
    }

    /// χ² of a sample against the discrete Gaussian of a σ, in bins that hold at least 20 expected draws.
    package static func discreteGaussianFit(_ sample: [Int64], sigma: Double) -> Double {
        var bins = GaussianBins(sigma: sigma)
        for x in sample { bins.count(x) }
        return bins.finding(named: "fit").pValue
    }

    /// p-value of "this vector is noise of at least the claimed standard deviation": the sum of squares in units of σ² is χ² with as many degrees
    /// of freedom as coordinates. Small when there is too little noise.
    package static func hasAtLeast(_ noise: [Int64], standardDeviation sigma: Double) -> Double {
        let statistic = noise.reduce(0.0) { $0 + Double($1) * Double($1) } / (sigma * sigma)
        return 1 - chiSquareTail(statistic, degrees: noise.count)
    }

    /// Two-sided p-value of "this vector is noise of exactly the claimed standard deviation".
    package static func has(_ noise: [Int64], standardDeviation sigma: Double) -> Double {
        chiSquare(noise.reduce(0.0) { $0 + Double($1) * Double($1) } / (sigma * sigma), degrees: noise.count)
    }

    /// Two-sided p-value of a χ² statistic: twice the smaller tail.
    package static func chiSquare(_ statistic: Double, degrees: Int) -> Double {
        let upper = chiSquareTail(statistic, degrees: degrees)
        return min(1, 2 * min(upper, 1 - upper))
    }
}

/// One test of a sample: its statistic and the probability of one as extreme, were the sample what it is claimed to be.
public struct SampleFinding: Sendable, Hashable {
    public var name: String
    /// A normal deviate, or χ² in units of its degrees of freedom, or a count, as the name says.
    public var statistic: Double
    public var pValue: Double
    public init(name: String, statistic: Double, pValue: Double) {
        self.name = name
        self.statistic = statistic
        self.pValue = pValue
    }

    static func deviate(_ name: String, _ z: Double) -> Self { Self(name: name, statistic: z, pValue: SampleStatistics.twoSided(z)) }
}
