/// Binary digits of e^(−m/2) for integers m, so that uniform words can be compared with these irrational numbers exactly.
///
/// `leading[m]` is ⌊2⁶⁴ e^(−m/2)⌋. A uniform number whose first word differs from it is decided; otherwise, with probability
/// 2⁻⁶⁴, further words are compared with further digits, computed when needed to any length.
package enum HalfExponentials {
    /// For m = 0 the number is 1, which every uniform number is below; its entry is not used.
    package static let leading: [UInt64] = (0..<96).map { $0 == 0 ? .max : word(0, ofExponent: $0) }

    /// The index-th 64-bit digit of e^(−m/2) after the binary point.
    /// - Parameters: index ≥ 0, m ≥ 1.
    package static func word(_ index: Int, ofExponent m: Int) -> UInt64 {
        var precision = index + 3
        while true {
            let (lower, upper) = bounds(exponent: m, words: precision)
            // Digits are most significant first; the digit is settled when both bounds agree up to and including it.
            if lower[0...index] == upper[0...index] { return lower[index] }
            precision += 1
        }
    }

    /// Bounds on the fraction e^(−m/2), as `words` digits, from the power series of e^(m/2): e^(−m/2) = (e^(−1/2))^m by repeated
    /// multiplication with directed rounding.
    private static func bounds(exponent m: Int, words: Int) -> (lower: [UInt64], upper: [UInt64]) {
        let (rootLower, rootUpper) = inverseRootOfE(words: words)
        var lower = rootLower
        var upper = rootUpper
        for _ in 1..<m {
            lower = product(lower, rootLower, roundingUp: false)
            upper = product(upper, rootUpper, roundingUp: true)
        }
        return (lower, upper)
    }

    /// Bounds on e^(−1/2) = Σ (−1/2)ⁿ / n!. Every truncated term is low by less than one unit in the last place, so with N terms the
    /// sum is off by at most N units; the remainder of the alternating series is below the first omitted term, itself below one unit.
    private static func inverseRootOfE(words: Int) -> (lower: [UInt64], upper: [UInt64]) {
        // term = 1/2 (n = 1) in `words + 1` digits; one guard digit absorbs the N units.
        let count = words + 1
        var term = [UInt64](repeating: 0, count: count)
        term[0] = 1 << 63
        var sum = term  // 1 − 1/2
        var n: UInt64 = 1
        while term.contains(where: { $0 != 0 }) {
            n += 1
            divide(&term, by: 2 * n)
            if n % 2 == 0 { add(term, to: &sum) } else { subtract(term, from: &sum) }
        }
        var slack = [UInt64](repeating: 0, count: count)
        slack[count - 1] = n + 1
        var lower = sum
        subtract(slack, from: &lower)
        var upper = sum
        add(slack, to: &upper)
        // Cut the guard digit: downward for the lower bound, upward for the upper one.
        lower.removeLast()
        upper.removeLast()
        var unit = [UInt64](repeating: 0, count: words)
        unit[words - 1] = 1
        add(unit, to: &upper)
        return (lower, upper)
    }

    private static func divide(_ digits: inout [UInt64], by divisor: UInt64) {
        var remainder: UInt64 = 0
        for index in digits.indices {
            (digits[index], remainder) = divisor.dividingFullWidth((remainder, digits[index]))
        }
    }

    private static func add(_ other: [UInt64], to digits: inout [UInt64]) {
        var carry: UInt64 = 0
        for index in digits.indices.reversed() {
            let (first, overflow) = digits[index].addingReportingOverflow(other[index])
            let (second, again) = first.addingReportingOverflow(carry)
            digits[index] = second
            carry = (overflow ? 1 : 0) + (again ? 1 : 0)
        }
    }

    private static func subtract(_ other: [UInt64], from digits: inout [UInt64]) {
        var borrow: UInt64 = 0
        for index in digits.indices.reversed() {
            let (first, overflow) = digits[index].subtractingReportingOverflow(other[index])
            let (second, again) = first.subtractingReportingOverflow(borrow)
            digits[index] = second
            borrow = (overflow ? 1 : 0) + (again ? 1 : 0)
        }
    }

    /// Product of two fractions, cut to their length, plus one unit when rounding up.
    private static func product(_ a: [UInt64], _ b: [UInt64], roundingUp: Bool) -> [UInt64] {
        var full = [UInt64](repeating: 0, count: a.count + b.count)
        for i in a.indices.reversed() {
            var carry: UInt64 = 0
            for j in b.indices.reversed() {
                let part = a[i].multipliedFullWidth(by: b[j])
                let (low, first) = part.low.addingReportingOverflow(carry)
                let (total, second) = full[i + j + 1].addingReportingOverflow(low)
                full[i + j + 1] = total
                carry = part.high &+ (first ? 1 : 0) &+ (second ? 1 : 0)
            }
            full[i] = full[i] &+ carry
        }
        var result = Array(full.prefix(a.count))
        if roundingUp {
            var unit = [UInt64](repeating: 0, count: a.count)
            unit[a.count - 1] = 1
            add(unit, to: &result)
        }
        return result
    }
}
