import DifferentialPrivacy
import Foundation
import SeededNoise
import SeededRandom
import Testing

@Suite("Discrete Gaussian: the sampler draws from the distribution it claims")
struct DiscreteGaussianTests {
    private func sample(_ count: Int, sigma: Int, seed: UInt64 = 1) throws -> [Int64] {
        var stream = SeededNoiseSource(seed: seed).stream(for: NoisePurpose("sampler", "\(sigma)"))
        return try DiscreteGaussian(standardDeviation: sigma).draw(count, from: &stream)
    }

    @Test(
        "a million draws pass every test: bins, zero, signs, moments, tails, neighbours, low bits, sums of shares",
        arguments: [1, 2, 4, 25, 31, 33, 100, 1 << 10, 4096, 1 << 14, 1 << 18, 1 << 20, 1 << 24])
    func fits(sigma: Int) throws {
        var examination = NoiseExamination(standardDeviation: sigma)
        examination.add(try sample(1_000_000, sigma: sigma))
        for finding in examination.findings() { #expect(finding.pValue > SampleStatistics.threshold, "\(finding)") }
    }

    @Test("integers within a bucket are as frequent as their weights say: no seam at its edges, nor between buckets and what lies beyond")
    func seams() throws {
        // σ = 200: buckets of 7, the last ending near 4.25 σ. So many draws that four times too many kept beyond it would be noticed.
        let sigma = 200.0
        let n = 20_000_000
        let farthest = 4000
        var counts = [Int](repeating: 0, count: 2 * farthest + 1)
        var stream: any NoiseStream = SeededNoiseSource(seed: 5).stream(for: NoisePurpose("seams"))
        let gaussian = try DiscreteGaussian(standardDeviation: 200)
        for _ in 0..<20 {
            for x in try gaussian.draw(n / 20, from: &stream) { counts[Int(x) + farthest] += 1 }
        }
        let weights = (-farthest...farthest).map { exp(-Double($0 * $0) / (2 * sigma * sigma)) }
        let total = weights.reduce(0, +)
        var statistic = 0.0
        var bins = 0
        for x in -800...800 {
            let expected = Double(n) * weights[x + farthest] / total
            let difference = Double(counts[x + farthest]) - expected
            statistic += difference * difference / expected
            bins += 1
        }
        #expect(SampleStatistics.chiSquareTail(statistic, degrees: bins) > SampleStatistics.threshold)
        let reach = Int(GaussianCells(sigma: 200).reach)
        for range in [reach - 14..<reach, reach..<reach + 14, reach + 60..<reach + 120, reach + 120..<farthest] {
            let probability = 2 * range.reduce(0.0) { $0 + weights[$1 + farthest] } / total
            let count = range.reduce(0) { $0 + counts[farthest + $1] + counts[farthest - $1] }
            #expect(SampleStatistics.binomial(count, of: n, probability: probability) > SampleStatistics.threshold, "\(range)")
        }
    }

    @Test("frequencies and variance of the reference rows", .enabled(if: AccountingVectors.isPresent, "\(AccountingVectors.absence)"),
        arguments: AccountingVectors.rows("discrete_gaussian"))
    func reference(_ row: AccountingVectors.Row) throws {
        let sigma = try #require(row.sigma)
        guard sigma == sigma.rounded() else { return }
        let n = 200_000
        let draws = try sample(n, sigma: Int(sigma), seed: 2)
        for (value, probability) in [(Int64(0), row.pmf_0), (1, row.pmf_1), (-1, row.pmf_1)] {
            let probability = try #require(probability)
            if probability * Double(n) < 20 { continue }
            #expect(SampleStatistics.binomial(draws.count { $0 == value }, of: n, probability: probability) > SampleStatistics.threshold)
        }
        let variance = draws.reduce(0.0) { $0 + Double($1) * Double($1) } / Double(n)
        #expect(SampleStatistics.twoSided((variance / (try #require(row.variance)) - 1) * (Double(n) / 2).squareRoot()) > SampleStatistics.threshold)
    }

    @Test("the smallest and the widest standard deviation work, others are refused")
    func range() throws {
        _ = try sample(1000, sigma: 1)
        let wide = try sample(1000, sigma: DiscreteGaussian.maximumStandardDeviation)
        #expect(SampleStatistics.hasAtLeast(wide, standardDeviation: Double(DiscreteGaussian.maximumStandardDeviation)) > SampleStatistics.threshold)
        for sigma in [0, -1, DiscreteGaussian.maximumStandardDeviation + 1] {
            #expect(throws: PrivacyError.self) { try DiscreteGaussian(standardDeviation: sigma) }
        }
    }

    @Test("too little noise is detected, enough is not")
    func detectorWorks() throws {
        let claimed = 4096.0
        #expect(SampleStatistics.hasAtLeast(try sample(20_000, sigma: 4096), standardDeviation: claimed) > SampleStatistics.threshold)
        // 6 % too little, a tenth, and none at all.
        for sigma in [3850, 409] {
            #expect(SampleStatistics.hasAtLeast(try sample(20_000, sigma: sigma), standardDeviation: claimed) < SampleStatistics.threshold)
        }
        #expect(SampleStatistics.hasAtLeast([Int64](repeating: 0, count: 20_000), standardDeviation: claimed) < SampleStatistics.threshold)
    }

    @Test("each test of the examination fails for the fault it is for")
    func examinationWorks() throws {
        func worst(_ draws: [Int64], _ names: String..., sigma: Int = 1024) -> Double {
            var examination = NoiseExamination(standardDeviation: sigma)
            examination.add(draws)
            return examination.findings().filter { names.contains($0.name) }.map(\.pValue).min() ?? 1
        }
        let good = try sample(400_000, sigma: 1024)
        let small = try sample(400_000, sigma: 4)
        var random = RandomStream(seed: 3)
        // The shape: a rounded uniform of the same variance.
        let uniform = (0..<100_000).map { _ in Int64(((random.uniform() - 0.5) * 1024 * 12.0.squareRoot()).rounded()) }
        #expect(worst(uniform, "χ²/df of bins of σ/16") < SampleStatistics.threshold)
        #expect(worst(uniform, "fourth moment") < SampleStatistics.threshold)
        #expect(worst(uniform, "beyond 3σ") < SampleStatistics.threshold)
        // Zero with two signs, as a sampler of signed magnitudes would give it.
        #expect(worst(small + [Int64](repeating: 0, count: 40_000), "zeros", sigma: 4) < SampleStatistics.threshold)
        #expect(worst(good.map { $0 % 97 == 0 ? abs($0) : $0 }, "positive among nonzero") < SampleStatistics.threshold)
        #expect(worst(good.map { $0 + 10 }, "mean") < SampleStatistics.threshold)
        #expect(worst(good.map { $0 * 101 / 100 }, "variance") < SampleStatistics.threshold)
        #expect(worst(good.map { $0 & ~1 }, "χ²/df of the low eight bits") < SampleStatistics.threshold)
        let repeated = good.enumerated().map { $0.offset % 50 == 1 ? good[$0.offset - 1] : $0.element }
        #expect(worst(repeated, "neighbours") < SampleStatistics.threshold)
        let mirrored = good.enumerated().map { $0.offset % 50 == 1 ? -good[$0.offset - 1] : $0.element }
        #expect(worst(mirrored, "neighbours' squares") < SampleStatistics.threshold)
        // One share in ten that repeats another one's.
        let shared = good.enumerated().map { $0.offset % 10 == 1 ? good[$0.offset - 1] : $0.element }
        #expect(worst(shared, "χ²/df of sums of 10") < SampleStatistics.threshold)
    }

    @Test("noise is added to the sum and nothing else")
    func adds() throws {
        let purpose = NoisePurpose("plan", "node", "1")
        var first = SeededNoiseSource(seed: 4).stream(for: purpose)
        var second = SeededNoiseSource(seed: 4).stream(for: purpose)
        let mechanism = try DiscreteGaussian(standardDeviation: 50)
        let noise = try mechanism.draw(1000, from: &first)
        var sum = (0..<1000).map(Int64.init)
        try mechanism.add(to: &sum, from: &second)
        #expect(sum == zip(0..<1000, noise).map { Int64($0) + $1 })
        var other = SeededNoiseSource(seed: 4).stream(for: NoisePurpose("plan", "node", "2"))
        #expect(try mechanism.draw(1000, from: &other) != noise)
    }

    @Test("a failing source leaves the sum untouched")
    func failure() throws {
        struct Failing: NoiseStream {
            var left = 2
            mutating func fill(_ words: UnsafeMutableBufferPointer<UInt64>) throws {
                left -= 1
                if left < 0 { throw PrivacyError(.noEntropy, "no entropy") }
                for index in words.indices { words[index] = 0x1234_5678_9abc_def0 &* UInt64(index + 1) }
            }
        }
        var stream: any NoiseStream = Failing()
        var sum = [Int64](repeating: 7, count: 100_000)
        let mechanism = try DiscreteGaussian(standardDeviation: 100)
        #expect(throws: PrivacyError.self) { try mechanism.add(to: &sum, from: &stream) }
        #expect(sum.allSatisfy { $0 == 7 })
    }
}
