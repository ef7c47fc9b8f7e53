import SecureAggregation
import SeededRandom
import Testing

@Suite("Shamir's secret sharing")
struct SharingTests {
    /// Multiplication by the definition: shift, add, reduce by 0x11b.
    static func slowProduct(_ a: UInt8, _ b: UInt8) -> UInt8 {
        var product: UInt16 = 0
        for bit in 0..<8 where b >> UInt8(bit) & 1 == 1 { product ^= UInt16(a) << UInt16(bit) }
        for bit in (8..<16).reversed() where product >> UInt16(bit) & 1 == 1 { product ^= 0x11b << UInt16(bit - 8) }
        return UInt8(product)
    }

    @Test("Products and inverses are those of the definition, all 65,536 of them")
    func field() {
        for a in UInt8.min...UInt8.max {
            for b in UInt8.min...UInt8.max {
                let expected = Self.slowProduct(a, b)
                if GaloisField.product(a, b) != expected || GaloisField.product(GaloisField.Lanes(repeating: a), b) != GaloisField.Lanes(repeating: expected) {
                    Issue.record("\(a) × \(b)")
                }
            }
            if a != 0 { #expect(GaloisField.product(a, GaloisField.inverse(a)) == 1) }
        }
    }

    private func dealt(threshold: Int, holders: Int, seed: UInt64) -> (secret: SecretBytes, shares: [SecretBytes]) {
        var stream = RandomStream(seed: seed, "sharing")
        func random() -> SecretBytes { secret((0..<32).map { _ in UInt8(truncatingIfNeeded: stream.next()) }) }
        let value = random()
        let given = Dictionary(uniqueKeysWithValues: (1..<threshold).map { (UInt8($0), random()) })
        return (value, SecretSharing.shares(of: value, given: given, holders: holders))
    }

    @Test("Any threshold of shares gives the secret; every smaller set gives another", arguments: [(1, 1), (2, 3), (3, 5), (5, 5), (4, 7)])
    func subsets(threshold: Int, holders: Int) {
        let (value, shares) = dealt(threshold: threshold, holders: holders, seed: 3)
        for subset in 1..<(1 << holders) {
            let chosen = (0..<holders).filter { subset >> $0 & 1 == 1 }
            let rebuilt = LagrangeWeights(points: chosen.map { UInt8($0 + 1) }).combine(chosen.map { shares[$0] })
            #expect((rebuilt.shown == value.shown) == (chosen.count >= threshold))
        }
    }

    @Test("Fewer shares than the threshold are as likely under any other secret")
    func hiding() {
        // Two shares of three, and any secret at all: there is exactly one polynomial through them.
        let (_, shares) = dealt(threshold: 3, holders: 5, seed: 4)
        for other in UInt8.min...UInt8.max {
            let alternative = SecretSharing.shares(of: secret([UInt8](repeating: other, count: 32)), given: [2: shares[1], 4: shares[3]], holders: 5)
            #expect(alternative[1].shown == shares[1].shown && alternative[3].shown == shares[3].shown)
        }
    }

    @Test("255 holders are possible")
    func largest() {
        let (value, shares) = dealt(threshold: 100, holders: 255, seed: 5)
        let points = Array(UInt8(156)...255)
        #expect(LagrangeWeights(points: points).combine(points.map { shares[Int($0) - 1] }).shown == value.shown)
    }
}
