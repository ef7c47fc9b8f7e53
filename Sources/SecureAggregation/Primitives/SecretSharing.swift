/// Shamir's secret sharing of 32 bytes, bytewise over GF(2⁸): any `threshold` shares give the secret, fewer say nothing about it.
///
/// Shamir, How to share a secret, CACM 1979. A share's point is its holder's place, 1…255; the secret is the polynomial at 0.
enum SecretSharing {
    typealias Lanes = GaloisField.Lanes
    static let secretByteCount = 32

    /// The shares at the points 1…holders.
    /// - Parameters:
    ///   - secret: 32 bytes.
    ///   - coefficients: (threshold − 1) × 32 uniformly random bytes, used for nothing else.
    /// - Returns: one share of 32 bytes for each holder, in the order of the points.
    static func shares(of secret: SecretBytes, threshold: Int, holders: Int, coefficients: SecretBytes) -> [SecretBytes] {
        precondition(secret.byteCount == secretByteCount && coefficients.byteCount >= (threshold - 1) * secretByteCount, "the coefficients fit the threshold")
        precondition(threshold >= 1 && threshold <= holders && holders <= 255, "GF(2⁸) has room for 255 holders")
        let constant = secret.withBytes { $0.loadUnaligned(as: Lanes.self) }
        return coefficients.withBytes { random in
            (1...holders).map { point in
                // Horner, from the highest coefficient down.
                var value = Lanes(repeating: 0)
                for index in (0..<threshold - 1).reversed() {
                    value ^= random.loadUnaligned(fromByteOffset: index * secretByteCount, as: Lanes.self)
                    value = GaloisField.product(value, UInt8(point))
                }
                value ^= constant
                return withUnsafeBytes(of: &value) { SecretBytes($0) }
            }
        }
    }
}

/// The weights of Lagrange interpolation at 0, which depend on the holders alone and serve every secret they hold.
struct LagrangeWeights: Sendable, Hashable {
    let points: [UInt8]
    let weights: [UInt8]

    /// - Parameter points: distinct, none 0.
    init(points: [UInt8]) { self.init(points: points, at: 0) }

    /// The weights for the polynomial's value at another point: a share that the others imply.
    init(points: [UInt8], at place: UInt8) {
        precondition(Set(points).count == points.count && !points.contains(0), "points are distinct and not the secret's")
        self.points = points
        weights = points.map { own in
            var (above, below): (UInt8, UInt8) = (1, 1)
            for other in points where other != own {
                above = GaloisField.product(above, other ^ place)
                below = GaloisField.product(below, other ^ own)
            }
            return GaloisField.product(above, GaloisField.inverse(below))
        }
    }

    /// The value at the place, from the shares in the order of the points.
    func combine(_ shares: [SecretBytes]) -> SecretBytes {
        precondition(shares.count == weights.count, "one share for each point")
        var sum = GaloisField.Lanes(repeating: 0)
        for (share, weight) in zip(shares, weights) {
            precondition(share.byteCount == SecretSharing.secretByteCount, "a share has 32 bytes")
            sum ^= GaloisField.product(share.withBytes { $0.loadUnaligned(as: GaloisField.Lanes.self) }, weight)
        }
        defer { sum = GaloisField.Lanes(repeating: 0) }
        return withUnsafeBytes(of: &sum) { SecretBytes($0) }
    }
}
