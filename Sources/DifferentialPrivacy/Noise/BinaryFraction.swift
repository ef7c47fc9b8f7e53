/// A number in [0, 1) as 64-bit digits after the binary point, most significant first: the arithmetic of exact comparisons.
///
/// All operands of one computation have the same number of digits; a unit is 2^(−64 · digits).
package struct BinaryFraction: Hashable, Comparable {
    package private(set) var digits: [UInt64]

    package init(digits: [UInt64]) { self.digits = digits }

    /// ⌊2^(64 · digits) · n/m⌋ units.
    /// - Parameters: n < m < 2¹²⁷.
    init(_ n: UInt128, over m: UInt128, digits count: Int) {
        precondition(n < m && m >> 127 == 0, "a proper fraction of numbers below 2^127")
        var rest = n
        digits = (0..<count).map { _ in
            var digit: UInt64 = 0
            for _ in 0..<64 {
                rest <<= 1
                digit <<= 1
                if rest >= m {
                    rest -= m
                    digit |= 1
                }
            }
            return digit
        }
    }

    var isZero: Bool { digits.allSatisfy { $0 == 0 } }

    package static func < (a: Self, b: Self) -> Bool {
        for (x, y) in zip(a.digits, b.digits) where x != y { return x < y }
        return false
    }

    /// Adds units · 2^(64 · place), place counted from the last digit. Returns whether the sum reached 1; it has then lost that 1.
    @discardableResult
    package mutating func add(_ units: UInt64, at place: Int = 0) -> Bool {
        var carry = units
        var index = digits.count - 1 - place
        while carry != 0, index >= 0 {
            let (sum, overflow) = digits[index].addingReportingOverflow(carry)
            digits[index] = sum
            carry = overflow ? 1 : 0
            index -= 1
        }
        return carry != 0
    }

    mutating func add(_ other: Self) {
        var carry = false
        for index in digits.indices.reversed() {
            let (first, overflow) = digits[index].addingReportingOverflow(other.digits[index])
            let (second, again) = first.addingReportingOverflow(carry ? 1 : 0)
            digits[index] = second
            carry = overflow || again
        }
    }

    /// 1 − this. Not for zero.
    mutating func complement() {
        for index in digits.indices { digits[index] = ~digits[index] }
        add(1)
    }

    mutating func divide(by divisor: UInt64) {
        var remainder: UInt64 = 0
        for index in digits.indices {
            (digits[index], remainder) = divisor.dividingFullWidth((remainder, digits[index]))
        }
    }

    /// The product, cut off: low by less than one unit.
    static func * (a: Self, b: Self) -> Self {
        let count = a.digits.count
        var full = [UInt64](repeating: 0, count: 2 * count)
        for i in a.digits.indices.reversed() {
            var carry: UInt64 = 0
            for j in b.digits.indices.reversed() {
                let part = a.digits[i].multipliedFullWidth(by: b.digits[j])
                let (low, first) = part.low.addingReportingOverflow(carry)
                let (total, second) = full[i + j + 1].addingReportingOverflow(low)
                full[i + j + 1] = total
                carry = part.high &+ (first ? 1 : 0) &+ (second ? 1 : 0)
            }
            full[i] = full[i] &+ carry
        }
        return Self(digits: Array(full.prefix(count)))
    }
}
