import DifferentialPrivacy
import Testing

/// Reference values that are always at hand. Provenance: closed forms in 40 digits (mpmath 1.4.1) where there is one release or no sampling; else inversion of the
/// Laplace transform of the loss with 12,000 nodes, two abscissae agreeing to 10⁻¹¹ (numpy 2.4.6), inside the brackets of prv-accountant 0.2.0.
@Suite("Accountants against committed reference values")
struct AccountantGoldenTests {
    struct Row: Sendable {
        var sigma: Double
        var q: Double
        var steps: Int
        var delta: Double
        var epsilon: Double
    }
    static let rows = [
        Row(sigma: 1, q: 1, steps: 1, delta: 1e-5, epsilon: 4.3771780956812245),
        Row(sigma: 10, q: 1, steps: 10_000, delta: 1e-5, epsilon: 91.81728962466374),
        Row(sigma: 20, q: 1, steps: 1, delta: 1e-10, epsilon: 0.28032683360095045),
        Row(sigma: 12.5, q: 1, steps: 37, delta: 1e-7, epsilon: 2.4180774685626742),
        Row(sigma: 1, q: 0.5, steps: 1, delta: 1e-5, epsilon: 3.5339979854489547),
        Row(sigma: 1, q: 0.01, steps: 1000, delta: 1e-5, epsilon: 1.8282366664432574),
        Row(sigma: 0.5, q: 0.01, steps: 1000, delta: 1e-12, epsilon: 27.073238739863992),
        Row(sigma: 0.3, q: 1e-5, steps: 10_000, delta: 1e-6, epsilon: 7.656842369621701),
        Row(sigma: 20, q: 0.9, steps: 1000, delta: 1e-7, epsilon: 7.9955476480843375),
        Row(sigma: 10, q: 0.03, steps: 100_000, delta: 1e-12, epsilon: 6.861579788890795),
        Row(sigma: 0.6, q: 0.1, steps: 50, delta: 1e-5, epsilon: 15.011533585987362),
    ]

    @Test("ε is never below the truth, exact without sampling and within a thousandth with it", arguments: rows.indices)
    func epsilon(_ index: Int) throws {
        let row = Self.rows[index]
        let report = try PrivacyAccountant.epsilon(of: [.continuous(noiseMultiplier: row.sigma, samplingRate: row.q, count: row.steps)], delta: row.delta)
        #expect(report.epsilon >= row.epsilon * (1 - 1e-8 * (row.q < 1 && row.steps > 1 ? 1 : 1e-7)))
        #expect(report.epsilon <= row.epsilon * (row.q < 1 && row.steps > 1 ? 1.001 : 1 + 1e-9))
    }

    @Test("one step's Rényi divergence, at orders where binomial series of libraries fail")
    func renyi() {
        // (q, σ, α, value), quadrature in 30 digits.
        for (q, sigma, alpha, value) in [(0.3, 1.5, 1.1, 0.024547444404414188), (0.01, 1, 1.5, 0.00012725374332744983), (1e-5, 0.5, 2.5, 6.731195929557176e-9), (0.02, 20, 128, 6.44797571365198e-05)] {
            let found = RenyiDivergence.subsampledGaussian(alpha: alpha, noiseMultiplier: sigma, samplingRate: q)
            #expect((found / value - 1).magnitude <= 1e-12)
        }
    }

    @Test("a tree's worst pattern is that of trying all of them", arguments: [(13, 3, 2), (16, 4, 0), (20, 3, 5), (7, 2, 1)])
    func tree(_ steps: Int, _ participations: Int, _ separation: Int) throws {
        var worst = 0
        func cost(_ pattern: [Int]) -> Int {
            var total = 0
            var start = 0
            for level in (0..<Int.bitWidth - 1).reversed() where steps >> level & 1 == 1 {
                for size in (0...level).map({ 1 << $0 }) {
                    for node in stride(from: start, to: start + 1 << level, by: size) {
                        let inside = pattern.count { (node..<node + size).contains($0) }
                        total += inside * inside
                    }
                }
                start += 1 << level
            }
            return total
        }
        func extend(_ pattern: [Int]) {
            worst = max(worst, cost(pattern))
            if pattern.count == participations { return }
            for next in ((pattern.last ?? -separation - 1) + separation + 1)..<max(steps, (pattern.last ?? -separation - 1) + separation + 1) { extend(pattern + [next]) }
        }
        extend([])
        #expect(try TreeAggregation.sensitivitySquared(steps: steps, participations: participations, separation: separation) == Double(worst))
    }
}
