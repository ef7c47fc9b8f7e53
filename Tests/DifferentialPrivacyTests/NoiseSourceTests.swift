import DifferentialPrivacy
import Foundation
import SeededNoise
import Testing

@Suite("Sources of noise and the Poisson sample")
struct NoiseSourceTests {
    private func words(_ count: Int, _ stream: inout any NoiseStream) throws -> [UInt64] {
        try [UInt64](unsafeUninitializedCapacity: count) { buffer, filled in
            try stream.fill(UnsafeMutableBufferPointer(rebasing: UnsafeMutableBufferPointer(start: buffer.baseAddress, count: count)[...]))
            filled = count
        }
    }

    @Test("system streams never repeat, also for the same purpose, and continue without repeating")
    func fresh() throws {
        let source = SystemNoiseSource()
        var one = try source.stream(for: NoisePurpose("a"))
        var two = try source.stream(for: NoisePurpose("a"))
        let blocks = [try words(1000, &one), try words(1000, &one), try words(1000, &two), try words(1000, &two)]
        #expect(Set(blocks.flatMap { $0 }).count == 4000)
        var copy = one
        #expect(try Set(words(1000, &copy)).isDisjoint(with: try words(1000, &one)))
    }

    @Test("system words have uniform bytes across chunk boundaries")
    func uniform() throws {
        var stream = try SystemNoiseSource().stream(for: NoisePurpose("bytes"))
        let drawn = try words(100_003, &stream)
        var counts = [Int](repeating: 0, count: 256)
        for word in drawn {
            for shift in 0..<8 { counts[Int(word >> (8 * UInt64(shift)) & 255)] += 1 }
        }
        let expected = Double(drawn.count * 8) / 256
        let statistic = counts.reduce(0.0) { $0 + (Double($1) - expected) * (Double($1) - expected) / expected }
        #expect(SampleStatistics.chiSquareTail(statistic, degrees: 255) > 1e-9)
    }

    @Test("the discrete Gaussian over system entropy has its variance")
    func systemGaussian() throws {
        var stream = try SystemNoiseSource().stream(for: NoisePurpose("gaussian"))
        let draws = try DiscreteGaussian(standardDeviation: 1000).draw(100_000, from: &stream)
        #expect(SampleStatistics.discreteGaussianFit(draws, sigma: 1000) > 1e-9)
    }

    @Test("seeded streams repeat for a purpose and differ between purposes and seeds")
    func seeded() throws {
        func first(_ seed: UInt64, _ names: String...) throws -> [UInt64] {
            var stream = SeededNoiseSource(seed: seed).stream(for: NoisePurpose(path: names))
            return try words(4, &stream)
        }
        #expect(try first(1, "a", "b") == first(1, "a", "b"))
        #expect(try first(1, "a", "b") != first(1, "ab"))
        #expect(try first(1, "a", "b") != first(1, "b", "a"))
        #expect(try first(1, "a") != first(2, "a"))
    }

    @Test("every user is in the Poisson sample with probability q, independently", arguments: [0.02, 0.3, 0.75])
    func poisson(_ q: Double) throws {
        let sampler = try PoissonSampler(rate: q)
        var stream = SeededNoiseSource(seed: 11).stream(for: NoisePurpose("users"))
        let (users, rounds) = (50, 4000)
        var counts = [Int](repeating: 0, count: users)
        var pairs = 0
        var sizes = 0.0
        for _ in 0..<rounds {
            let sample = try sampler.sample(userCount: users, from: &stream)
            #expect(sample == sample.sorted())
            for user in sample { counts[user] += 1 }
            if sample.contains(0), sample.contains(1) { pairs += 1 }
            sizes += pow(Double(sample.count) - Double(users) * q, 2)
        }
        for count in counts { #expect(SampleStatistics.binomial(count, of: rounds, probability: q) > SampleStatistics.threshold) }
        if q * q * Double(rounds) > 20 { #expect(SampleStatistics.binomial(pairs, of: rounds, probability: q * q) > SampleStatistics.threshold) }
        // The size is binomial: its variance is N q (1 − q), not 0 as with samples of fixed size.
        let ratio = sizes / Double(rounds) / (Double(users) * q * (1 - q))
        #expect(SampleStatistics.twoSided((ratio - 1) * (Double(rounds) / 2).squareRoot()) > SampleStatistics.threshold)
    }

    @Test("q = 1 is everyone; rates outside (0, 1] are refused")
    func rates() throws {
        var stream = SeededNoiseSource(seed: 1).stream(for: NoisePurpose("x"))
        #expect(try PoissonSampler(rate: 1).sample(userCount: 5, from: &stream) == [0, 1, 2, 3, 4])
        #expect(try PoissonSampler(rate: 0.5).sample(userCount: 0, from: &stream) == [])
        for rate in [0, -0.1, 1.01, Double.nan] { #expect(throws: PrivacyError.self) { try PoissonSampler(rate: rate) } }
    }
}
