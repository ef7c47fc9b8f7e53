import DifferentialPrivacy
import Foundation
import SeededRandom
import Testing

@Suite("Parts of a delta with clips of their own")
struct ClipGroupTests {
    private let groups = [ClipGroup(ranges: [20..<30], share: 0.6), ClipGroup(ranges: [0..<20, 30..<60], share: 0.8)]

    private func norm(_ sum: [Int64], _ ranges: [Range<Int>]) -> Double {
        ranges.joined().reduce(0.0) { $0 + Double(sum[$1]) * Double(sum[$1]) }.squareRoot()
    }

    @Test("every part is shortened to its clip, parts within theirs are left alone, and the whole is within D")
    func clips() throws {
        let quantizer = try UserQuantizer(bound: .clip(1), scale: 0x1p16, dimension: 60, groups: groups)
        let bound = try #require(quantizer.clipping)
        for seed in 0..<200 as Range<UInt64> {
            var random = RandomStream(seed: seed)
            // One part far beyond its clip, the other at half of it or beyond too.
            let others: Float = seed % 2 == 0 ? 0.4 : 5
            var delta = (0..<60).map { _ in random.uniformFloat() - 0.5 }
            func scale(_ ranges: [Range<Int>], to length: Float) {
                let now = ranges.joined().reduce(Float(0)) { $0 + delta[$1] * delta[$1] }.squareRoot()
                for index in ranges.joined() { delta[index] *= length / now }
            }
            scale(groups[0].ranges, to: 100)
            scale(groups[1].ranges, to: others)
            var sum = [Int64](repeating: 0, count: 60)
            let outcome = try quantizer.add(delta, to: &sum, stream: &random)
            #expect(outcome.wasClipped && !outcome.wasTruncated)
            #expect(abs(norm(sum, groups[0].ranges) / 0x1p16 - 0.6) < 0.001)
            #expect(abs(norm(sum, groups[1].ranges) / 0x1p16 - min(0.8, Double(others))) < 0.001)
            let squares = sum.reduce(UInt128(0)) { $0 + UInt128($1.magnitude) * UInt128($1.magnitude) }
            #expect(squares <= UInt128(bound.onGrid) * UInt128(bound.onGrid))
        }
    }

    @Test("one group of everything is no group, bit for bit")
    func single() throws {
        var random = RandomStream(seed: 4)
        let delta = (0..<60).map { _ in random.uniformFloat() - 0.5 }
        var sums: [[Int64]] = []
        for groups in [[], [ClipGroup(ranges: [0..<60], share: 1)]] {
            var sum = [Int64](repeating: 3, count: 60)
            var stream = RandomStream(seed: 1)
            try UserQuantizer(bound: .clip(0.7), scale: 4096, dimension: 60, groups: groups).add(delta, to: &sum, stream: &stream)
            sums.append(sum)
        }
        #expect(sums[0] == sums[1])
    }

    @Test("touched ranges save time and change nothing, and what is not finite adds nothing")
    func touched() throws {
        var delta = [Float](repeating: 0, count: 60)
        for index in [0, 19, 20, 29, 30, 59] { delta[index] = Float(index) - 31.5 }
        let quantizer = try UserQuantizer(bound: .clip(1), scale: 0x1p16, dimension: 60, groups: groups)
        var sums: [[Int64]] = []
        for ranges in [nil, [0..<1, 19..<31, 59..<60], [0..<60]] as [[Range<Int>]?] {
            var sum = [Int64](repeating: 0, count: 60)
            var stream = RandomStream(seed: 2)
            try quantizer.add(delta, touched: ranges, to: &sum, stream: &stream)
            sums.append(sum)
        }
        #expect(sums[0] == sums[1] && sums[0] == sums[2])
        delta[40] = .nan
        var sum = [Int64](repeating: 9, count: 60)
        var stream = RandomStream(seed: 2)
        #expect(try quantizer.add(delta, to: &sum, stream: &stream).wasNonFinite)
        #expect(sum == [Int64](repeating: 9, count: 60))
    }

    @Test("a stretched delta is clipped at the round's clip: C/stretch", arguments: [0.25, 1, 8])
    func stretched(_ stretch: Double) throws {
        let quantizer = try UserQuantizer(bound: .clip(1), scale: 0x1p16, dimension: 2, stretch: stretch)
        for (length, isClipped) in [(0.99 / stretch, false), (1.01 / stretch, true)] {
            var sum: [Int64] = [0, 0]
            var stream = RandomStream(seed: 1)
            #expect(try quantizer.add([Float(length), 0], to: &sum, stream: &stream).wasClipped == isClipped)
            #expect(abs(Double(sum[0]) / 0x1p16 - min(1, length * stretch)) < 0.001)
        }
    }

    @Test("groups must divide all coordinates, and their squares must fit")
    func refused() {
        for broken in [
            [ClipGroup(ranges: [0..<59], share: 0.5)], [ClipGroup(ranges: [0..<60], share: 1.1)], [ClipGroup(ranges: [0..<60], share: 0)],
            [ClipGroup(ranges: [0..<30], share: 0.8), ClipGroup(ranges: [30..<60], share: 0.8)],
            [ClipGroup(ranges: [0..<40], share: 0.5), ClipGroup(ranges: [30..<60], share: 0.5)],
        ] {
            #expect(throws: PrivacyError.self) { try UserQuantizer(bound: .clip(1), scale: 0x1p16, dimension: 60, groups: broken) }
        }
        #expect(throws: PrivacyError.self) { try UserQuantizer(bound: .range(1), scale: 0x1p16, dimension: 60, groups: groups) }
    }
}
