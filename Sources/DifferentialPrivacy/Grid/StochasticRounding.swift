/// Rounds `factor · x` up or down so that the mean is kept: up with probability equal to the fraction.
///
/// The uniform number of coordinate i is SplitMix64's i-th output from `key` (Steele, Lea and Flood 2014), so that a
/// coordinate's rounding depends on neither the others nor the order of work, and a second pass meets the same integers
/// without a buffer. Uniforms have 53 bits: the mean is kept to 2⁻⁵³. Products are single `Double` operations, equal on every machine.
struct StochasticRounding {
    private let factor: Double
    private let key: UInt64
    private let truncates: Bool

    init(factor: Double, key: UInt64) {
        self.factor = factor
        self.key = key
        truncates = false
    }

    /// Rounds toward zero instead, which never lengthens a vector.
    init(truncatingWithFactor factor: Double) {
        self.factor = factor
        key = 0
        truncates = true
    }

    @inline(__always)
    private func integer(_ value: Float, at index: Int) -> Int64 {
        let product = Double(value) * factor
        if truncates { return Int64(product.rounded(.towardZero)) }
        let floor = product.rounded(.down)
        var bits = key &+ UInt64(truncatingIfNeeded: index &+ 1) &* 0x9e37_79b9_7f4a_7c15
        bits = (bits ^ bits >> 30) &* 0xbf58_476d_1ce4_e5b9
        bits = (bits ^ bits >> 27) &* 0x94d0_49bb_1331_11eb
        bits ^= bits >> 31
        let uniform = Double(bits >> 11) * 0x1p-53
        return Int64(floor) &+ (uniform < product - floor ? 1 : 0)
    }

    /// Σ of squared integers, exact; `nil` when one integer exceeds `largest` in magnitude.
    /// - Parameters:
    ///   - largest: at most 2²⁸, so that 64 squares fit 64 bits. Products must be below 2⁶² in magnitude.
    func squaredNorm(_ values: [Float], _ ranges: [Range<Int>], largest: Int) -> UInt128? {
        var total: UInt128 = 0
        let fits = values.withUnsafeBufferPointer { values in
            for range in ranges {
                var start = range.lowerBound
                while start < range.upperBound {
                    let end = min(start + 64, range.upperBound)
                    var block: UInt64 = 0
                    var exceeds = false
                    for index in start..<end where values[index] != 0 {
                        let magnitude = integer(values[index], at: index).magnitude
                        exceeds = exceeds || magnitude > UInt64(largest)
                        block &+= magnitude &* magnitude
                    }
                    if exceeds { return false }
                    total += UInt128(block)
                    start = end
                }
            }
            return true
        }
        return fits ? total : nil
    }

    /// Adds the integers to the sum. Sums wrap at 2⁶⁴; the plan's bound on users × D excludes it.
    func add(_ values: [Float], _ ranges: [Range<Int>], to sum: inout [Int64]) {
        values.withUnsafeBufferPointer { values in
            sum.withUnsafeMutableBufferPointer { sum in
                for range in ranges {
                    for index in range where values[index] != 0 {
                        sum[index] &+= integer(values[index], at: index)
                    }
                }
            }
        }
    }

    /// The L2 norm in `Double`; not finite exactly when a value is not.
    static func norm(_ values: [Float], _ ranges: [Range<Int>]) -> Double {
        var total = 0.0
        values.withUnsafeBufferPointer { values in
            for range in ranges {
                for index in range {
                    let value = Double(values[index])
                    total += value * value
                }
            }
        }
        return total.squareRoot()
    }
}
