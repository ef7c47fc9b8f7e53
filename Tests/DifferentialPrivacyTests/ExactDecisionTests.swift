import DifferentialPrivacy
import Foundation
import SeededNoise
import Testing

@Suite("Exact decisions: ties of the first word are settled by further words")
struct ExactDecisionTests {
    /// Gives the listed words, then fails.
    private struct Script: NoiseStream {
        var words: [UInt64]
        mutating func fill(_ buffer: UnsafeMutableBufferPointer<UInt64>) throws {
            for index in buffer.indices {
                guard !words.isEmpty else { throw PrivacyError(.noEntropy, "the script is over") }
                buffer[index] = words.removeFirst()
            }
        }
    }

    private func bernoulli(_ n: UInt64, of m: UInt64, _ words: UInt64...) throws -> Bool {
        var reader = NoiseWords(Script(words: words), capacity: 1)
        return try reader.bernoulli(n, of: m)
    }

    @Test("a third: its binary digits are 0x5555… without end")
    func third() throws {
        let digit: UInt64 = 0x5555_5555_5555_5555
        #expect(try bernoulli(1, of: 3, digit - 1))
        #expect(try !bernoulli(1, of: 3, digit + 1))
        #expect(try bernoulli(1, of: 3, digit, digit - 1))
        #expect(try !bernoulli(1, of: 3, digit, digit, digit + 1))
        #expect(throws: PrivacyError.self) { try bernoulli(1, of: 3, digit, digit) }
    }

    @Test("a half ends after one digit; zero and one need no luck")
    func half() throws {
        #expect(try bernoulli(1, of: 2, 1 << 63 - 1))
        #expect(try !bernoulli(1, of: 2, 1 << 63))
        #expect(try !bernoulli(0, of: 5, 0))
        #expect(try bernoulli(5, of: 5))
        #expect(try bernoulli(.max - 1, of: .max, 0))
    }

    @Test("frequencies of rational probabilities", arguments: [(1, 3), (7, 1000), (999, 1000), (UInt64(1) << 62, UInt64(1) << 63 - 25)] as [(UInt64, UInt64)])
    func frequency(_ n: UInt64, _ m: UInt64) throws {
        var reader = NoiseWords(SeededNoiseSource(seed: 5).stream(for: NoisePurpose("bernoulli")), capacity: 4096)
        let count = 200_000
        var hits = 0
        for _ in 0..<count where try reader.bernoulli(n, of: m) { hits += 1 }
        #expect(SamplerStatistics.binomial(hits, of: count, probability: Double(n) / Double(m)) > SamplerStatistics.threshold)
    }

    @Test("uniform below a bound that is no power of two", arguments: [3, 7, UInt64(1) << 40 + 1, UInt64(3) << 62])
    func uniform(_ bound: UInt64) throws {
        var reader = NoiseWords(SeededNoiseSource(seed: 6).stream(for: NoisePurpose("below")), capacity: 4096)
        let count = 90_000
        var low = 0
        for _ in 0..<count {
            let value = try reader.below(bound)
            #expect(value < bound)
            if value < bound / 3 { low += 1 }
        }
        #expect(SamplerStatistics.binomial(low, of: count, probability: Double(bound / 3) / Double(bound)) > SamplerStatistics.threshold)
    }

    @Test("digits of e^(−m/2)", arguments: [
        (1, [0x9b45_97e3_7cb0_4ff3, 0xd675_a355_30cd_d767, 0xe347_bf8a_d0e8_0abb, 0xce4a_e958_6101_4318]),
        (2, [0x5e2d_58d8_b3bc_df1a, 0xbade_c782_9054_f90d, 0xda98_05aa_b56c_7733, 0x3024_b9d0_a507_daed]),
        (7, [0x07bb_0406_393f_d97d, 0xa56b_d480_d694_9b8f, 0x6459_5cce_050c_9e70, 0xb45b_9935_921a_d192]),
        (90, [0, 0x872d_b9e8_ffa9_e7d4, 0x1f2a_af39_897b_91e4]),
    ] as [(Int, [UInt64])])
    func digits(_ m: Int, _ expected: [UInt64]) {
        for (index, word) in expected.enumerated() {
            #expect(HalfExponentials.word(index, ofExponent: m) == word, "digit \(index) of e^(−\(m)/2)")
        }
    }

    @Test("leading digits agree with floating-point numbers")
    func leading() {
        for m in 1..<96 {
            let exact = exp(-Double(m) / 2) * 0x1p64
            #expect((Double(HalfExponentials.leading[m]) - exact).magnitude <= max(1, exact * 1e-14))
        }
    }
}
