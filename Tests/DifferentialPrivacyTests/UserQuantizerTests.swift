import DifferentialPrivacy
import Foundation
import SeededRandom
import Testing

/// Finds contributions whose integer norm exceeds a bound: what every quantizer of a private mode must never produce.
struct SensitivityCheck {
    let clip: Double
    let scale: Double
    let dimension: Int
    var bound: Int { Int(clip * scale) }

    /// Deltas made to break a bound: all coordinates half-way between grid points, at and above the clip, one spike, tiny, huge, mixed.
    func hostileDeltas(_ stream: RandomStream) -> [[Float]] {
        var stream = stream
        let even = Float(clip / Double(dimension).squareRoot())
        var spike = [Float](repeating: 0, count: dimension)
        spike[dimension / 2] = Float(clip) * 3
        let halves = (0..<dimension).map { _ in Float(((even * Float(scale)).rounded(.down) + 0.5) / Float(scale)) }
        let mixed = (0..<dimension).map { _ in (stream.uniformFloat() - 0.5) * even * 20 }
        return [
            [Float](repeating: even, count: dimension), [Float](repeating: -even * 1.0001, count: dimension), halves, spike, mixed,
            [Float](repeating: 1e-30, count: dimension), [Float](repeating: 3e38, count: dimension), [Float](repeating: Float(0.5 / scale), count: dimension),
        ]
    }

    /// The largest integer norm over hostile deltas and seeds, relative to the bound: above 1 is a breach.
    func worst(_ seeds: Range<UInt64>, _ quantize: ([Float], inout RandomStream) throws -> [Int64]) rethrows -> Double {
        var worst = 0.0
        for seed in seeds {
            for (index, delta) in hostileDeltas(RandomStream(seed: seed, "deltas")).enumerated() {
                var stream = RandomStream(seed: seed, "rounding", "\(index)")
                let squared = try quantize(delta, &stream).reduce(0.0) { $0 + Double($1) * Double($1) }
                worst = max(worst, squared / (Double(bound) * Double(bound)))
            }
        }
        return worst.squareRoot()
    }
}

@Suite("Quantizer: no user's integers exceed the bound, and rounding keeps the mean")
struct UserQuantizerTests {
    private func quantize(_ delta: [Float], _ quantizer: UserQuantizer, seed: UInt64 = 1) throws -> [Int64] {
        var sum = [Int64](repeating: 0, count: delta.count)
        var stream = RandomStream(seed: seed, "rounding")
        try quantizer.add(delta, to: &sum, stream: &stream)
        return sum
    }

    @Test("the integer norm is at most D for hostile deltas", arguments: [(1.0, 1024.0, 1000), (0.3, 4096.0, 7), (1, 256, 5000), (2.5, 65536, 300), (1, 16, 1)])
    func bound(_ clip: Double, _ scale: Double, _ dimension: Int) throws {
        let check = SensitivityCheck(clip: clip, scale: scale, dimension: dimension)
        let quantizer = try UserQuantizer(bound: .clip(clip), scale: scale, dimension: dimension)
        let worst = try check.worst(0..<20) { delta, stream in
            var sum = [Int64](repeating: 0, count: dimension)
            try quantizer.add(delta, to: &sum, stream: &stream)
            return sum
        }
        #expect(worst <= 1)
        #expect(worst > 0.5, "the bound is used, not just kept")
    }

    @Test("the same check catches a quantizer that does not clip and one that does not verify after rounding")
    func sabotage() {
        let check = SensitivityCheck(clip: 1, scale: 1024, dimension: 1000)
        let withoutClipping = check.worst(0..<5) { delta, stream in
            delta.map { Int64(max(-1e15, min(1e15, Double($0) * 1024)).rounded()) + (stream.bernoulli(0.5) ? 0 : 0) }
        }
        #expect(withoutClipping > 1)
        let withoutVerification = check.worst(0..<20) { delta, stream in
            let norm = delta.reduce(0.0) { $0 + Double($1) * Double($1) }.squareRoot()
            let factor = 1024 * min(1, 1 / norm)
            return delta.map { value in
                let product = Double(value) * factor
                return Int64(product.rounded(.down)) + (stream.uniform() < product - product.rounded(.down) ? 1 : 0)
            }
        }
        #expect(withoutVerification > 1)
    }

    @Test("the shrink before rounding is below 0.1 % on sensible grids, and truncation does not happen")
    func shrink() throws {
        for (grid, dimension) in [(16384, 1_000_000), (4096, 50_000), (1 << 20, 1_000_000)] {
            let bound = try ClippingBound(clip: 1, scale: Double(grid))
            let inner = try #require(bound.normBeforeRounding(dimension: dimension))
            #expect(inner < Double(grid))
            #expect(1 - inner / Double(grid) < 1e-3)
        }
        let quantizer = try UserQuantizer(bound: .clip(1), scale: 4096, dimension: 2000)
        for seed in 0..<200 {
            var stream = RandomStream(seed: UInt64(seed), "delta")
            let delta = (0..<2000).map { _ in stream.uniformFloat() - 0.5 }
            var sum = [Int64](repeating: 0, count: 2000)
            let outcome = try quantizer.add(delta, to: &sum, stream: &stream)
            #expect(outcome.wasClipped && !outcome.wasTruncated)
            let norm = sum.reduce(0.0) { $0 + Double($1) * Double($1) }.squareRoot()
            #expect(norm > 4096 * 0.998)
        }
    }

    @Test("a grid too coarse for the dimension is refused")
    func tooCoarse() {
        #expect(throws: PrivacyError.self) { try UserQuantizer(bound: .clip(1), scale: 16, dimension: 1_000_000) }
        #expect(throws: PrivacyError.self) { try UserQuantizer(bound: .clip(1), scale: 1000, dimension: 10) }
        #expect(throws: PrivacyError.self) { try UserQuantizer(bound: .clip(.nan), scale: 1024, dimension: 10) }
        #expect(throws: PrivacyError.self) { try UserQuantizer(bound: .clip(1), scale: 0x1p40, dimension: 10) }
        #expect(throws: PrivacyError.self) { try UserQuantizer(bound: .range(0), scale: 1024, dimension: 10) }
        #expect(throws: PrivacyError.self) { try UserQuantizer(bound: .range(0x1p40), scale: 0x1p20, dimension: 10) }
    }

    @Test("stochastic rounding keeps the mean of every coordinate")
    func mean() throws {
        let delta: [Float] = [0.1003, -0.2501, 1 / 3, 0, -0.0007]
        let quantizer = try UserQuantizer(bound: .clip(10), scale: 8, dimension: 5)
        let n = 40_000
        var sum = [Int64](repeating: 0, count: 5)
        var stream = RandomStream(seed: 9)
        for _ in 0..<n { try quantizer.add(delta, to: &sum, stream: &stream) }
        for (value, total) in zip(delta, sum) {
            let exact = Double(value) * 8
            let fraction = exact - exact.rounded(.down)
            if fraction == 0 {
                #expect(Double(total) == exact * Double(n))
            } else {
                let ups = Int(total) - Int(exact.rounded(.down)) * n
                #expect(SampleStatistics.binomial(ups, of: n, probability: fraction) > SampleStatistics.threshold)
            }
        }
    }

    @Test("touched ranges save time and change nothing")
    func touched() throws {
        var delta = [Float](repeating: 0, count: 300)
        var stream = RandomStream(seed: 2)
        for index in [0, 1, 64, 65, 66, 200, 299] { delta[index] = stream.uniformFloat() - 0.5 }
        let quantizer = try UserQuantizer(bound: .clip(0.5), scale: 1024, dimension: 300)
        var all = [Int64](repeating: 5, count: 301)
        var some = all
        var one = RandomStream(seed: 3)
        var two = RandomStream(seed: 3)
        try quantizer.add(delta, to: &all, stream: &one)
        try quantizer.add(delta, touched: [0..<2, 60..<70, 200..<201, 250..<300], to: &some, stream: &two)
        #expect(all == some)
        #expect(all[300] == 5)
    }

    @Test("infinities and NaN contribute zeros and are counted", arguments: [Float.nan, .infinity, -.infinity])
    func nonFinite(_ value: Float) throws {
        let quantizer = try UserQuantizer(bound: .clip(1), scale: 1024, dimension: 3)
        var sum: [Int64] = [1, 2, 3]
        var stream = RandomStream(seed: 1)
        let outcome = try quantizer.add([0.5, value, 0.25], to: &sum, stream: &stream)
        #expect(outcome.wasNonFinite)
        #expect(sum == [1, 2, 3])
    }

    @Test("without privacy a value outside the range or not finite is an error that names the coordinate, and nothing is added", arguments: [Float.nan, .infinity, 2.5])
    func range(_ value: Float) throws {
        let quantizer = try UserQuantizer(bound: .range(2), scale: 1024, dimension: 3)
        var sum: [Int64] = [0, 0, 0]
        var stream = RandomStream(seed: 1)
        let error = #expect(throws: PrivacyError.self) { try quantizer.add([1, 2, value], to: &sum, stream: &stream) }
        #expect(error?.code == .outOfRange)
        #expect(error?.message.contains("coordinate 2") == true)
        #expect(sum == [0, 0, 0])
        #expect(throws: PrivacyError.self) { try quantizer.add([1, 0, 0], weight: 3, to: &sum, stream: &stream) }
        try quantizer.add([0.5, -0.25, 0], weight: 4, to: &sum, stream: &stream)
        #expect(sum == [2048, -1024, 0])
    }

    @Test("one user's integers do not depend on the users before")
    func independence() throws {
        let quantizer = try UserQuantizer(bound: .clip(1), scale: 1024, dimension: 50)
        var stream = RandomStream(seed: 8)
        let users = (0..<4).map { _ in (0..<50).map { _ in stream.uniformFloat() - 0.5 } }
        func sum(_ chosen: [Int]) throws -> [Int64] {
            var sum = [Int64](repeating: 0, count: 50)
            for user in chosen {
                var own = RandomStream(seed: 1).child(bytes: users[user].map { UInt8(truncatingIfNeeded: $0.bitPattern) })
                try quantizer.add(users[user], to: &sum, stream: &own)
            }
            return sum
        }
        let with = try sum([0, 1, 2, 3])
        let without = try sum([3, 0, 1])
        let alone = try sum([2])
        #expect(zip(with, without).map { $0 - $1 } == alone)
    }
}
