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

    @Test("χ² over bins, P(0), signs, moments and tails", arguments: [1, 2, 4, 25, 4096, 1 << 24])
    func fits(sigma: Int) throws {
        let n = 400_000
        let draws = try sample(n, sigma: sigma)
        let s = Double(sigma)
        if sigma <= 4096 { #expect(SamplerStatistics.discreteGaussianFit(draws, sigma: s) > SamplerStatistics.threshold) }
        let reach = min(40 * sigma, 200_000)
        let weights = (-reach...reach).map { exp(-Double($0) * Double($0) / (2 * s * s)) }
        let total = sigma <= 4096 ? weights.reduce(0, +) : s * (2 * Double.pi).squareRoot()
        let zeros = draws.count { $0 == 0 }
        if Double(n) / total >= 20 { #expect(SamplerStatistics.binomial(zeros, of: n, probability: 1 / total) > SamplerStatistics.threshold) }
        let nonzero = n - zeros
        #expect(SamplerStatistics.binomial(draws.count { $0 > 0 }, of: nonzero, probability: 0.5) > SamplerStatistics.threshold)
        // Variance of σ ≥ 1 is σ² to seven digits; kurtosis 3.
        let second = draws.reduce(0.0) { $0 + pow(Double($1) / s, 2) } / Double(n)
        let fourth = draws.reduce(0.0) { $0 + pow(Double($1) / s, 4) } / Double(n)
        #expect(SamplerStatistics.twoSided((second - 1) * (Double(n) / 2).squareRoot()) > SamplerStatistics.threshold)
        #expect(SamplerStatistics.twoSided((fourth - 3) * (Double(n) / 96).squareRoot()) > SamplerStatistics.threshold)
        for multiple in [1, 2, 3, 4] where sigma >= 4096 {
            let beyond = draws.count { $0.magnitude > UInt64(multiple * sigma) }
            #expect(SamplerStatistics.binomial(beyond, of: n, probability: erfc(Double(multiple) / 2.0.squareRoot())) > SamplerStatistics.threshold)
        }
        // Neighbouring draws are uncorrelated.
        let lag = zip(draws, draws.dropFirst()).reduce(0.0) { $0 + Double($1.0) / s * Double($1.1) / s }
        #expect(SamplerStatistics.twoSided(lag / Double(n).squareRoot()) > SamplerStatistics.threshold)
    }

    @Test("low bits of wide noise are uniform")
    func lowBits() throws {
        let draws = try sample(200_000, sigma: 1 << 20)
        for bit in 0..<8 {
            #expect(SamplerStatistics.binomial(draws.count { $0 >> Int64(bit) & 1 == 1 }, of: draws.count, probability: 0.5) > SamplerStatistics.threshold)
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
            #expect(SamplerStatistics.binomial(draws.count { $0 == value }, of: n, probability: probability) > SamplerStatistics.threshold)
        }
        let variance = draws.reduce(0.0) { $0 + Double($1) * Double($1) } / Double(n)
        #expect(SamplerStatistics.twoSided((variance / (try #require(row.variance)) - 1) * (Double(n) / 2).squareRoot()) > SamplerStatistics.threshold)
    }

    @Test("the smallest and the widest standard deviation work, others are refused")
    func range() throws {
        _ = try sample(1000, sigma: 1)
        let wide = try sample(1000, sigma: DiscreteGaussian.maximumStandardDeviation)
        #expect(SamplerStatistics.hasAtLeast(wide, standardDeviation: Double(DiscreteGaussian.maximumStandardDeviation)) > SamplerStatistics.threshold)
        for sigma in [0, -1, DiscreteGaussian.maximumStandardDeviation + 1] {
            #expect(throws: PrivacyError.self) { try DiscreteGaussian(standardDeviation: sigma) }
        }
    }

    @Test("too little noise is detected, enough is not")
    func detectorWorks() throws {
        let claimed = 4096.0
        #expect(SamplerStatistics.hasAtLeast(try sample(20_000, sigma: 4096), standardDeviation: claimed) > SamplerStatistics.threshold)
        // 6 % too little, a tenth, and none at all.
        for sigma in [3850, 409] {
            #expect(SamplerStatistics.hasAtLeast(try sample(20_000, sigma: sigma), standardDeviation: claimed) < SamplerStatistics.threshold)
        }
        #expect(SamplerStatistics.hasAtLeast([Int64](repeating: 0, count: 20_000), standardDeviation: claimed) < SamplerStatistics.threshold)
        // The shape is tested too: a rounded uniform of the same variance fails.
        var random = RandomStream(seed: 3)
        let uniform = (0..<100_000).map { _ in Int64(((random.uniform() - 0.5) * 25 * 12.0.squareRoot()).rounded()) }
        #expect(SamplerStatistics.discreteGaussianFit(uniform, sigma: 25) < SamplerStatistics.threshold)
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
