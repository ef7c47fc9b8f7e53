#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// Examines draws that are claimed to be independent draws of N_Z(0, σ²), block by block, in memory that does not grow with their number.
///
/// Tests: χ² over bins of σ/16; frequency of zero; signs; mean, variance and fourth moment; counts beyond 3, 4 and 5 σ; correlation of neighbouring
/// draws and of their squares; the lowest eight bits (σ ≥ 512, where they are uniform to 10⁻³⁰); and sums of ten draws, the sum over ten nodes'
/// shares, against N_Z(0, 10σ²), from which they differ by less than can be seen for σ ≥ 8 (Kairouz, Liu and Steinke 2021, theorem 1).
public struct NoiseExamination: Sendable {
    /// σ in grid units; ≥ 1.
    public let standardDeviation: Int
    public private(set) var count = 0

    static let shares = 10
    private let scale: Double
    private var bins: GaussianBins
    private var sums: GaussianBins
    private var pending: (sum: Int64, count: Int) = (0, 0)
    private var zeros = 0
    private var positives = 0
    private var beyond = [0, 0, 0]
    private var lowBits = [Int](repeating: 0, count: 256)
    private var moments = (first: 0.0, second: 0.0, fourth: 0.0)
    private var products = (plain: 0.0, squares: 0.0)
    private var previous: Double?

    public init(standardDeviation: Int) {
        precondition(standardDeviation >= 1, "a standard deviation is at least 1")
        self.standardDeviation = standardDeviation
        scale = 1 / Double(standardDeviation)
        bins = GaussianBins(sigma: Double(standardDeviation))
        sums = GaussianBins(sigma: Double(standardDeviation) * Double(Self.shares).squareRoot())
    }

    public mutating func add(_ draws: [Int64]) {
        for x in draws {
            bins.count(x)
            if x == 0 { zeros += 1 }
            if x > 0 { positives += 1 }
            lowBits[Int(x & 255)] += 1
            let value = Double(x) * scale
            let square = value * value
            if square > 9 {
                beyond[0] += 1
                if square > 16 { beyond[1] += 1 }
                if square > 25 { beyond[2] += 1 }
            }
            moments.first += value
            moments.second += square
            moments.fourth += square * square
            if let previous {
                products.plain += previous * value
                products.squares += (previous * previous - 1) * (square - 1)
            }
            previous = value
            pending.sum += x
            pending.count += 1
            if pending.count == Self.shares {
                sums.count(pending.sum)
                pending = (0, 0)
            }
        }
        count += draws.count
    }

    /// Every test's outcome. At least 10⁴ draws are needed for the approximations to hold.
    public func findings() -> [SampleFinding] {
        let n = Double(count)
        let root = n.squareRoot()
        let sigma = Double(standardDeviation)
        let exact = ExactMoments(sigma: sigma)
        var findings = [
            bins.finding(named: "χ²/df of bins of σ/16"),
            SampleFinding(name: "zeros", statistic: Double(zeros), pValue: SampleStatistics.binomial(zeros, of: count, probability: exact.zero)),
            SampleFinding(
                name: "positive among nonzero", statistic: Double(positives),
                pValue: SampleStatistics.binomial(positives, of: count - zeros, probability: 0.5)),
            .deviate("mean", moments.first / root / exact.second.squareRoot()),
            .deviate("variance", (moments.second / n - exact.second) * root / (exact.fourth - exact.second * exact.second).squareRoot()),
            .deviate("fourth moment", (moments.fourth / n - exact.fourth) * root / (exact.eighth - exact.fourth * exact.fourth).squareRoot()),
            .deviate("neighbours", products.plain / root / exact.second),
            // E(x² − 1)² up to the discreteness.
            .deviate("neighbours' squares", products.squares / root / (exact.fourth - 2 * exact.second + 1)),
        ]
        for (index, multiple) in [3, 4, 5].enumerated() {
            findings.append(
                SampleFinding(
                    name: "beyond \(multiple)σ", statistic: Double(beyond[index]),
                    pValue: SampleStatistics.binomial(beyond[index], of: count, probability: exact.beyond(multiple))))
        }
        if standardDeviation >= 512 {
            let expected = n / 256
            let statistic = lowBits.reduce(0.0) { $0 + (Double($1) - expected) * (Double($1) - expected) / expected }
            findings.append(
                SampleFinding(name: "χ²/df of the low eight bits", statistic: statistic / 255, pValue: SampleStatistics.chiSquareTail(statistic, degrees: 255)))
        }
        if standardDeviation >= 8 { findings.append(sums.finding(named: "χ²/df of sums of \(Self.shares)")) }
        return findings
    }
}

/// Moments of x/σ and tail probabilities of N_Z(0, σ²): sums up to σ = 4096, the continuous values above, from which they differ by less than 10⁻⁷.
private struct ExactMoments {
    let sigma: Double
    var zero: Double
    var (second, fourth, eighth) = (1.0, 3.0, 105.0)
    private var tails: [Double] = []

    init(sigma: Double) {
        self.sigma = sigma
        zero = 1 / (sigma * (2 * Double.pi).squareRoot())
        guard sigma <= 4096 else {
            // Counts strictly beyond a multiple of σ, a whole number: the continuous tail from half a unit further.
            tails = [3, 4, 5].map { erfc(($0 + 0.5 / sigma) / 2.0.squareRoot()) }
            return
        }
        let reach = Int(14 * sigma) + 14
        var sums = (mass: 0.0, second: 0.0, fourth: 0.0, eighth: 0.0)
        var beyond = [0.0, 0.0, 0.0]
        for x in -reach...reach {
            let value = Double(x) / sigma
            let square = value * value
            let mass = exp(-square / 2)
            sums.mass += mass
            sums.second += mass * square
            sums.fourth += mass * square * square
            sums.eighth += mass * square * square * square * square
            for (index, limit) in [9.0, 16, 25].enumerated() where square > limit { beyond[index] += mass }
        }
        zero = 1 / sums.mass
        second = sums.second / sums.mass
        fourth = sums.fourth / sums.mass
        eighth = sums.eighth / sums.mass
        tails = beyond.map { $0 / sums.mass }
    }

    func beyond(_ multiple: Int) -> Double { tails[multiple - 3] }
}
