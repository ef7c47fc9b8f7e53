/// GF(2⁸) with the polynomial x⁸ + x⁴ + x³ + x + 1 (0x11b), 32 elements at a time. No branch and no table look-up depends on an element.
package enum GaloisField {
    /// 32 elements: one byte of each is a field element of its own.
    package typealias Lanes = SIMD32<UInt8>

    /// The product of every lane with one element.
    package static func product(_ lanes: Lanes, _ factor: UInt8) -> Lanes {
        var sum = Lanes(repeating: 0)
        var power = lanes
        for bit in 0..<8 {
            // All ones where the factor's bit is set.
            sum ^= power & Lanes(repeating: 0 &- ((factor >> UInt8(bit)) & 1))
            let carry = Lanes(repeating: 0) &- (power &>> 7)
            power = (power &<< 1) ^ (carry & Lanes(repeating: 0x1b))
        }
        return sum
    }

    package static func product(_ a: UInt8, _ b: UInt8) -> UInt8 {
        var (sum, power): (UInt8, UInt8) = (0, a)
        for bit in 0..<8 {
            sum ^= power & (0 &- ((b >> UInt8(bit)) & 1))
            power = (power << 1) ^ ((0 &- (power >> 7)) & 0x1b)
        }
        return sum
    }

    /// 1/a = a²⁵⁴; 0 for 0.
    package static func inverse(_ a: UInt8) -> UInt8 {
        var (result, power): (UInt8, UInt8) = (1, product(a, a))
        for _ in 0..<7 {
            result = product(result, power)
            power = product(power, power)
        }
        return result
    }
}
