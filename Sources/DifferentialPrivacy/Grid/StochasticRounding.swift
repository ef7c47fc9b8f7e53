import CKernels

/// Rounds `factor · x` up or down so that the mean is kept: up with probability equal to the fraction.
///
/// The uniform number of coordinate i is SplitMix64's i-th output from `key` (Steele, Lea and Flood 2014), so that a
/// coordinate's rounding depends on neither the others nor the order of work, and a second pass meets the same integers
/// without a buffer. Uniforms have 52 bits: the mean is kept to 2⁻⁵². Products are single `Double` operations, equal on every machine.
struct StochasticRounding {
    let factor: Double
    let key: UInt64

    /// Adds the integers to the sum and returns Σ of their squares, exact. `nil` when one of them exceeds `largest` in magnitude: the sum
    /// is then as it was. Sums wrap at 2⁶⁴; the plan's bound on users × D excludes it.
    ///
    /// Rounding, norm and addition in one pass: what turns out too long is subtracted again, which wrapping integers undo exactly.
    /// - Parameters:
    ///   - largest: at most 2²⁸. Products must be below 2⁶² in magnitude.
    func add(_ values: [Float], _ ranges: [Range<Int>], to sum: inout [Int64], largest: Int) -> UInt128? {
        // As many values as have squares that fit 64 bits.
        let block = Int(clamping: min(UInt64.max / UInt64(max(1, largest * largest)), 1 << 20))
        var total: UInt128 = 0
        var done: (ranges: Int, end: Int)?
        values.withUnsafeBufferPointer { values in
            sum.withUnsafeMutableBufferPointer { sum in
                guard let source = values.baseAddress, let target = sum.baseAddress else { return }
                for (index, range) in ranges.enumerated() {
                    var start = range.lowerBound
                    while start < range.upperBound {
                        let count = min(block, range.upperBound - start)
                        var squares: UInt64 = 0
                        let magnitude = tributary_add_rounded(Int64(count), source + start, factor, key, Int64(start), target + start, &squares)
                        start += count
                        // Checked before the squares are believed: beyond the bound they may have wrapped.
                        if magnitude > Int64(largest) {
                            done = (index, start)
                            return
                        }
                        total += UInt128(squares)
                    }
                }
            }
        }
        guard let done else { return total }
        subtract(values, ranges[..<done.ranges], from: &sum)
        subtract(values, [ranges[done.ranges].lowerBound..<done.end], from: &sum)
        return nil
    }

    /// Undoes an addition of the same values.
    func subtract(_ values: [Float], _ ranges: ArraySlice<Range<Int>>, from sum: inout [Int64]) {
        values.withUnsafeBufferPointer { values in
            sum.withUnsafeMutableBufferPointer { sum in
                guard let source = values.baseAddress, let target = sum.baseAddress else { return }
                for range in ranges {
                    tributary_subtract_rounded(
                        Int64(range.count), source + range.lowerBound, factor, key, Int64(range.lowerBound), target + range.lowerBound)
                }
            }
        }
    }

    /// Adds the integers to the sum.
    func add(_ values: [Float], _ ranges: [Range<Int>], to sum: inout [Int64]) {
        values.withUnsafeBufferPointer { values in
            sum.withUnsafeMutableBufferPointer { sum in
                guard let source = values.baseAddress, let target = sum.baseAddress else { return }
                var squares: UInt64 = 0
                for range in ranges {
                    _ = tributary_add_rounded(
                        Int64(range.count), source + range.lowerBound, factor, key, Int64(range.lowerBound), target + range.lowerBound, &squares)
                }
            }
        }
    }

    /// The L2 norm in `Double`; not finite exactly when a value is not.
    static func norm(_ values: [Float], _ ranges: [Range<Int>]) -> Double {
        values.withUnsafeBufferPointer { values in
            guard let base = values.baseAddress else { return 0 }
            return withUnsafeTemporaryAllocation(of: Double.self, capacity: 32) { lanes in
                lanes.initialize(repeating: 0)
                guard let sums = lanes.baseAddress else { return .nan }
                for range in ranges { tributary_add_squares(Int64(range.count), base + range.lowerBound, Int64(range.lowerBound), sums) }
                return lanes.reduce(0, +).squareRoot()
            }
        }
    }
}

/// Rounds toward zero, which never lengthens a vector: the last resort of a contribution that no try of rounding fits.
struct Truncation {
    let factor: Double

    private func integer(_ value: Float) -> Int64 { Int64((Double(value) * factor).rounded(.towardZero)) }

    /// Σ of squared integers, exact. Products must be below 2⁶² in magnitude.
    func squaredNorm(_ values: [Float], _ ranges: [Range<Int>]) -> UInt128 {
        ranges.reduce(0) { total, range in
            range.reduce(total) {
                let magnitude = UInt128(integer(values[$1]).magnitude)
                return $0 + magnitude * magnitude
            }
        }
    }

    func add(_ values: [Float], _ ranges: [Range<Int>], to sum: inout [Int64]) {
        for range in ranges {
            for index in range { sum[index] &+= integer(values[index]) }
        }
    }
}
