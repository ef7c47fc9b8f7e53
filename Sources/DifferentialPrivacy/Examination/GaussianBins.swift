#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// Counts of draws in bins of σ/16, for a χ² test against the discrete Gaussian.
struct GaussianBins {
    let sigma: Double
    private let width: Int64
    /// Bins on each side of zero; bin i holds (i − half)·width ..< (i − half + 1)·width, the first and the last also what lies beyond.
    private let half: Int64
    private var counts: [Int]
    private(set) var total = 0

    init(sigma: Double) {
        self.sigma = sigma
        width = max(1, Int64(sigma / 16))
        half = Int64(8 * sigma) / width + 2
        counts = [Int](repeating: 0, count: Int(2 * half))
    }

    @inline(__always)
    mutating func count(_ x: Int64) {
        let shifted = x + half * width
        let bin = shifted < 0 ? 0 : min(shifted / width, 2 * half - 1)
        counts[Int(bin)] += 1
        total += 1
    }

    /// Probabilities of the bins. Up to σ = 4096 sums of the probability function; above, differences of the normal distribution at half
    /// integers, which differ from them by less than 10⁻⁸ of their value.
    private func probabilities() -> [Double] {
        let starts = (0...2 * half).map { ($0 - half) * width }
        if sigma > 4096 {
            return zip(starts, starts.dropFirst()).map { first, next in
                let (a, b) = ((Double(first) - 0.5) / sigma, (Double(next) - 0.5) / sigma)
                let root = 2.0.squareRoot()
                return a >= 0 ? (erfc(a / root) - erfc(b / root)) / 2 : (erfc(-b / root) - erfc(-a / root)) / 2
            }
        }
        let weights = zip(starts, starts.dropFirst()).map { first, next in
            (first..<next).reduce(0.0) { $0 + exp(-Double($1) * Double($1) / (2 * sigma * sigma)) }
        }
        let total = weights.reduce(0, +)
        return weights.map { $0 / total }
    }

    /// χ² over bins with at least 20 expected draws, the tails of both sides joined to a bin each where they hold 20.
    func finding(named name: String) -> SampleFinding {
        var statistic = 0.0
        var bins = 0
        func compare(_ observed: Double, _ expected: Double) {
            statistic += (observed - expected) * (observed - expected) / expected
            bins += 1
        }
        var left = (expected: 0.0, observed: 0.0)
        var right = left
        for (index, probability) in probabilities().enumerated() {
            let expected = probability * Double(total)
            let observed = Double(counts[index])
            if expected >= 20 {
                compare(observed, expected)
            } else if index < Int(half) {
                left = (left.expected + expected, left.observed + observed)
            } else {
                right = (right.expected + expected, right.observed + observed)
            }
        }
        if left.expected >= 20, right.expected >= 20 {
            compare(left.observed, left.expected)
            compare(right.observed, right.expected)
        } else if left.expected + right.expected >= 5 {
            compare(left.observed + right.observed, left.expected + right.expected)
        } else if left.observed + right.observed > 40 {
            return SampleFinding(name: name, statistic: .infinity, pValue: 0)
        }
        let degrees = max(bins - 1, 1)
        return SampleFinding(name: name, statistic: statistic / Double(degrees), pValue: SampleStatistics.chiSquareTail(statistic, degrees: degrees))
    }
}
