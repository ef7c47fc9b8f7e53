import DifferentialPrivacy
import Foundation
import SeededNoise
import Testing

@Suite("Exact decisions: what the first word leaves open is settled by further words")
struct ExactDecisionTests {
    private static let digitsOfExponentials: [(n: UInt128, m: UInt128, digits: [UInt64])] = [
        (1, 2, [0x9b45_97e3_7cb0_4ff3, 0xd675_a355_30cd_d767, 0xe347_bf8a_d0e8_0abb, 0xce4a_e958_6101_4318]),
        (2, 2, [0x5e2d_58d8_b3bc_df1a, 0xbade_c782_9054_f90d, 0xda98_05aa_b56c_7733, 0x3024_b9d0_a507_daed]),
        (7, 2, [0x07bb_0406_393f_d97d, 0xa56b_d480_d694_9b8f, 0x6459_5cce_050c_9e70, 0xb45b_9935_921a_d192]),
        (90, 2, [0, 0x872d_b9e8_ffa9_e7d4, 0x1f2a_af39_897b_91e4]),
    ]

    @Test("bounds on e^(−n/m) hold its digits and are narrow", arguments: digitsOfExponentials.indices)
    func digits(_ row: Int) {
        let (n, m, digits) = Self.digitsOfExponentials[row]
        // The same number as another fraction, and of other lengths.
        for factor in [UInt128(1), 3, 1 << 80] {
            for length in 1...8 {
                let bounds = ExactExponential.bounds(n * factor, over: m * factor, digits: length)
                var upper = bounds.lower
                let wraps = upper.add(bounds.width)
                #expect(!wraps && bounds.width < 1 << 20)
                let known = BinaryFraction(digits: Array((digits + [UInt64](repeating: 0, count: 8)).prefix(length)))
                #expect(bounds.lower <= known || length > digits.count)
                #expect(known <= upper)
            }
            // With a guard digit the leading ones are the digits themselves.
            let leading = ExactExponential.bounds(n * factor, over: m * factor, digits: digits.count + 1).lower.digits
            #expect(Array(leading.prefix(digits.count)) == digits)
        }
    }

    @Test("64-bit weights are within their margin of the truth", arguments: [1, 2, 31, 33, 1000, 1 << 20, 1 << 40] as [UInt64])
    func weights(sigma: UInt64) {
        let farthest = 5 * sigma + sigma / 2
        for step in 0...400 {
            let x = UInt64((UInt128(farthest) * UInt128(step) + 200) / 400)
            let approximate = BinaryFraction(digits: [ExactExponential.approximateWeight(x, sigma: sigma), 0])
            if x == 0 {
                #expect(approximate.digits[0] == .max)
                continue
            }
            let exact = ExactExponential.bounds(UInt128(x) * UInt128(x), over: 2 * UInt128(sigma) * UInt128(sigma), digits: 2).lower
            let (above, below) = (max(approximate.digits[0], exact.digits[0]), min(approximate.digits[0], exact.digits[0]))
            #expect(above - below < ExactExponential.margin, "x = \(x)")
        }
    }

    @Test("cells hold the region below the curve, and those taken for inside are inside", arguments: [1, 2, 3, 32, 33, 1000, 1 << 24] as [UInt64])
    func cells(sigma: UInt64) {
        let cells = GaussianCells(sigma: sigma)
        let levels = Double(1 << GaussianCells.levelBits)
        func curve(_ x: UInt64) -> Double { exp(-Double(x) * Double(x) / (2 * Double(sigma) * Double(sigma))) * levels }
        var byBucket: [UInt64: [UInt32]] = [:]
        for cell in cells.cells.dropLast() { byBucket[UInt64(cell >> 16 & 0xff), default: []].append(cell) }
        #expect(UInt64(byBucket.count) * cells.width == cells.reach)
        for (bucket, stack) in byBucket {
            #expect(stack.map { $0 & 0xffff } == (0..<UInt32(stack.count)).map { $0 })
            #expect(Double(stack.count) >= curve(bucket * cells.width) - 1e-9)
            let inside = stack.count { $0 & GaussianCells.boundary == 0 }
            #expect(stack.prefix(inside).allSatisfy { $0 & GaussianCells.boundary == 0 })
            #expect(Double(inside) <= curve((bucket + 1) * cells.width - 1) + 1e-9)
            // Neither bound is loose: at most one cell too many, one inside not recognised.
            #expect(Double(stack.count) <= curve(bucket * cells.width) + 1.001)
            #expect(Double(inside) >= curve((bucket + 1) * cells.width - 1) - 1.001)
        }
        #expect(cells.cells.last == GaussianCells.tail && cells.cells.count { $0 & GaussianCells.tail != 0 } == 1)
        #expect(curve(cells.reach) / levels <= 0x1p-13 && cells.reach >= sigma && 32 * cells.width >= sigma)
    }

    @Test("a height that begins with the curve's own digits is decided by the first digit that differs")
    func ties() {
        // e^(−1/2) = 0x0.9b45… : level 0x4d of 128 and the digits below it.
        let digits = Self.digitsOfExponentials[0].digits
        let level = digits[0] >> 57
        func shifted(_ index: Int) -> UInt64 { digits[index] << 7 | digits[index + 1] >> 57 }
        func decide(_ words: [UInt64]) -> Bool? { ExactExponential.decide(offset: level, words, scale: 7, exponent: 1, over: 2) }
        #expect(decide([shifted(0) - 1]) == true)
        #expect(decide([shifted(0) + 1]) == false)
        #expect(decide([shifted(0)]) == nil)
        #expect(decide([shifted(0), shifted(1) - 1]) == true)
        #expect(decide([shifted(0), shifted(1) + 1]) == false)
        #expect(decide([shifted(0), shifted(1)]) == nil)
        #expect(decide([shifted(0), shifted(1), shifted(2) - 1]) == true)
        #expect(decide([shifted(0), shifted(1), shifted(2) + 1]) == false)
        // Cells wholly below and wholly above.
        #expect(ExactExponential.decide(offset: level - 1, [.max], scale: 7, exponent: 1, over: 2) == true)
        #expect(ExactExponential.decide(offset: level + 1, [0], scale: 7, exponent: 1, over: 2) == false)
    }

    @Test("scales beyond a word: u/2^e against e^(−n/m)", arguments: [13, 63, 64, 65, 128, 200])
    func scales(_ e: Int) throws {
        // 2^e e^(−n) just above and below one half, by n = e ln 2 + ln 2 ± 0.001.
        let middle = Double(e + 1) * log(2.0)
        for (offset, expected) in [(-0.001, true), (0.001, false)] {
            let n = UInt128((middle + offset) * 1_000_000)
            #expect(ExactExponential.decide(offset: 0, [1 << 63], scale: e, exponent: n, over: 1_000_000) == expected)
        }
    }

    @Test("what words decide is decided the same way in every sampler: the slow comparison agrees with the fast one")
    func agreement() {
        let sigma: UInt64 = 1 << 20
        var random = SeededNoiseSource(seed: 9).stream(for: NoisePurpose("agreement"))
        var words = [UInt64](repeating: 0, count: 600)
        words.withUnsafeMutableBufferPointer { buffer in try? random.fill(buffer) }
        for index in stride(from: 0, to: 600, by: 2) {
            let x = words[index] % (4 * sigma)
            let weight = ExactExponential.approximateWeight(x, sigma: sigma)
            let level = weight >> 57
            let height = level << 57 | words[index + 1] >> 7
            if max(height, weight) - min(height, weight) <= ExactExponential.margin { continue }
            let exact = ExactExponential.decide(
                offset: level, [words[index + 1]], scale: 7, exponent: UInt128(x) * UInt128(x), over: 2 * UInt128(sigma) * UInt128(sigma))
            #expect(exact == (height < weight))
        }
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
        #expect(SampleStatistics.binomial(low, of: count, probability: Double(bound / 3) / Double(bound)) > SampleStatistics.threshold)
    }
}
