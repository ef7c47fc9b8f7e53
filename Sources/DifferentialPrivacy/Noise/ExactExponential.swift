import CKernels

/// e^(−n/m) for whole n and m to any number of binary digits, so that uniform numbers can be compared with it exactly.
package enum ExactExponential {
    /// e^(−n/m) lies in [lower, lower + width units].
    package struct Bounds {
        package var lower: BinaryFraction
        package var width: UInt64
    }

    /// Bounds with so many digits.
    ///
    /// With s the least number for which n < m 2^s, y = n/(m 2^s) is cut off after the last digit: low by less than a unit. 1 − e^(−y) is the
    /// alternating series y − y²/2! + …, each term a product of the one before with y, cut off, divided by its index, cut off: a term is low
    /// by less than half the error of the one before plus 1 + 1/2, so by less than 3 units. The series ends with the first term that is zero
    /// after cutting, and what is left out is smaller than that term, below 3 units. With N terms the sum is off by less than 3N units.
    /// Then s squarings: [a, a + w] becomes [a² cut off, … + 2w + 2], as a < 1 and w² is below a unit.
    /// - Parameters: 1 ≤ n < 2¹²⁰, 1 ≤ m < 2¹²⁰, digits ≥ 1.
    package static func bounds(_ n: UInt128, over m: UInt128, digits: Int) -> Bounds {
        precondition(n >= 1 && n >> 120 == 0 && m >= 1 && m >> 120 == 0, "an exponent of numbers 1 ..< 2^120")
        let quotient = n / m
        let squarings = UInt128.bitWidth - quotient.leadingZeroBitCount
        let y = BinaryFraction(n, over: m << UInt128(squarings), digits: digits)
        var sum = y
        var term = y
        var terms: UInt64 = 1
        while !term.isZero {
            terms += 1
            term = term * y
            term.divide(by: terms)
            if terms % 2 == 1 {
                sum.add(term)
            } else if !term.isZero {
                var negative = term
                negative.complement()
                sum.add(negative)
            }
        }
        // e^(−y) ≥ 1 − sum − error − 1, the last unit for the digits cut off y.
        let error = 3 * terms
        sum.add(error + 1)
        sum.complement()
        var bounds = Bounds(lower: sum, width: 2 * error + 1)
        for _ in 0..<squarings {
            bounds.lower = bounds.lower * bounds.lower
            bounds.width = 2 * bounds.width + 2
        }
        return bounds
    }

    /// Whether (offset + u)/2^e < e^(−n/m), for a uniform u in [0, 1) given by its first words and continued by the stream until it is decided.
    ///
    /// Both sides are known to more digits at every turn. The right side is irrational for n ≥ 1 (Lindemann), so that they differ, and a turn
    /// is needed with probability about 2⁻⁶⁴ per turn once the digits exceed e.
    /// - Parameters: offset < 2^e, n < 2¹²⁰, 1 ≤ m < 2¹²⁰.
    /// - Throws: what the stream throws.
    static func exceeds(offset: UInt64, _ known: [UInt64], scale e: Int, exponent n: UInt128, over m: UInt128, _ words: inout NoiseWords) throws -> Bool {
        if n == 0 { return true }
        var uniform = known
        while true {
            if let decision = decide(offset: offset, uniform, scale: e, exponent: n, over: m) { return decision }
            uniform.append(try words.next())
        }
    }

    /// The decision from these words, `nil` when they leave it open.
    package static func decide(offset: UInt64, _ uniform: [UInt64], scale e: Int, exponent n: UInt128, over m: UInt128) -> Bool? {
        let (whole, bits) = e.quotientAndRemainder(dividingBy: 64)
        let places = uniform.count + whole + 2
        var digits = [UInt64](repeating: 0, count: whole) + [offset] + uniform
        digits += [UInt64](repeating: 0, count: places + 1 - digits.count)
        if bits > 0 {
            for index in digits.indices.reversed() {
                digits[index] = digits[index] >> UInt64(bits) | (index > 0 ? digits[index - 1] << UInt64(64 - bits) : 0)
            }
        }
        precondition(digits[0] == 0, "the offset is below 2^e")
        // The left side lies in [least, least + 2^(−e − 64 words)).
        let least = BinaryFraction(digits: Array(digits.dropFirst()))
        var largest = least
        let reached = largest.add(1 << UInt64((64 - bits) % 64), at: places - uniform.count - whole - (bits > 0 ? 1 : 0))
        let curve = bounds(n, over: m, digits: places)
        if !reached, largest <= curve.lower { return true }
        var upper = curve.lower
        if !upper.add(curve.width), upper <= least { return false }
        return nil
    }

    /// ⌊2⁶⁴ e^(−k/32)⌋ for k = 0 ..< 512; the first one, which would be 2⁶⁴, is one less.
    static let thirtySeconds: [UInt64] = (0..<512).map { k in
        if k == 0 { return .max }
        var places = 2
        while true {
            let curve = bounds(UInt128(k), over: 32, digits: places)
            var upper = curve.lower
            if !upper.add(curve.width), upper.digits[0] == curve.lower.digits[0] { return upper.digits[0] }
            places += 1
        }
    }

    /// 2⁶⁴ exp(−x²/(2σ²)) to within ±`margin`.
    /// - Parameters: x < 5.6 σ, 1 ≤ σ ≤ 2⁴⁰.
    package static func approximateWeight(_ x: UInt64, sigma: UInt64) -> UInt64 {
        thirtySeconds.withUnsafeBufferPointer { powers in
            guard let base = powers.baseAddress else { return 0 }
            return tributary_gaussian_weight(x, sigma, base)
        }
    }

    package static let margin = UInt64(TRIBUTARY_GAUSSIAN_MARGIN)
}
