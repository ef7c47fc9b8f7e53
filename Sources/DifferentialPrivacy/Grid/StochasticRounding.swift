import CKernels

/// Rounds `factor · x` up or down so that the mean is kept: up with probability equal to the fraction.
///
/// The uniform number of coordinate i is half of an output of SplitMix64 (Steele, Lea and Flood 2014) that `key` and i name, so that a
/// coordinate's rounding depends on neither the others nor the order of work, and a second pass meets the same integers
/// without a buffer. Uniforms have 32 bits: the mean is kept to 2⁻³². Products are single `Double` operations, equal on every machine.
struct StochasticRounding {
    let factor: Double
    let key: UInt64

    /// Adds the integers to the sum and returns Σ of their squares, exact. Sums wrap at 2⁶⁴; the plan's bound on users × D excludes it.
    ///
    /// Rounding, norm and addition in one pass: what turns out too long is subtracted again, which wrapping integers undo exactly.
    /// - Parameter largest: a bound on the integers' magnitude, below 2³¹, as that of the vector's norm before rounding and one more.
    func add(_ values: [Float], _ ranges: [Range<Int>], to sum: inout [Int64], largest: Int) -> UInt128 {
        // As many values as have squares that fit 64 bits.
        let block = Int(clamping: min(UInt64.max / UInt64(max(1, largest * largest)), 1 << 20))
        var total: UInt128 = 0
        values.withUnsafeBufferPointer { values in
            sum.withUnsafeMutableBufferPointer { sum in
                guard let source = values.baseAddress, let target = sum.baseAddress else { return }
                for range in ranges {
                    for start in stride(from: range.lowerBound, to: range.upperBound, by: block) {
                        let count = min(block, range.upperBound - start)
                        total += UInt128(tributary_add_rounded(Int64(count), source + start, factor, key, Int64(start), target + start))
                    }
                }
            }
        }
        return total
    }

    /// Undoes an addition of the same values.
    func subtract(_ values: [Float], _ ranges: [Range<Int>], from sum: inout [Int64]) {
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

    /// Adds the integers to the sum. Products must be below 2⁶² in magnitude.
    func add(_ values: [Float], _ ranges: [Range<Int>], to sum: inout [Int64]) {
        values.withUnsafeBufferPointer { values in
            sum.withUnsafeMutableBufferPointer { sum in
                guard let source = values.baseAddress, let target = sum.baseAddress else { return }
                for range in ranges {
                    _ = tributary_add_rounded(
                        Int64(range.count), source + range.lowerBound, factor, key, Int64(range.lowerBound), target + range.lowerBound)
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
