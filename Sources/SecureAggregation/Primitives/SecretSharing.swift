/// Shamir's secret sharing of 32 bytes, bytewise over GF(2⁸): any `threshold` shares give the secret, fewer say nothing about it.
///
/// Shamir, How to share a secret, CACM 1979. A share's point is its holder's place, 1…255; the secret is the polynomial at 0.
package enum SecretSharing {
    package typealias Lanes = GaloisField.Lanes
    package static let secretByteCount = 32

    /// All shares of a secret, from the shares that some holders have already.
    ///
    /// With uniformly random shares at t − 1 points the polynomial through them and the secret is a uniformly random one with that secret:
    /// the same distribution as that of random coefficients. Shares that dealer and holder derive from their common key need not be sent.
    /// - Parameters:
    ///   - secret: 32 bytes.
    ///   - given: shares of 32 bytes at t − 1 distinct points of 1…holders, uniformly random and used for nothing else.
    /// - Returns: the shares at the points 1…holders.
    package static func shares(of secret: SecretBytes, given: [UInt8: SecretBytes], holders: Int) -> [SecretBytes] {
        precondition(secret.byteCount == secretByteCount && holders <= 255 && given.count < holders, "GF(2⁸) has room for 255 holders")
        let known = given.keys.sorted()
        let values = [secret] + known.compactMap { given[$0] }
        return (1...UInt8(holders)).map { point in
            given[point] ?? LagrangeWeights(points: [0] + known, at: point).combine(values)
        }
    }
}

/// The weights of Lagrange interpolation at 0, which depend on the holders alone and serve every secret they hold.
package struct LagrangeWeights: Sendable, Hashable {
    package let points: [UInt8]
    package let weights: [UInt8]

    /// - Parameter points: distinct, none 0, the secret's.
    package init(points: [UInt8]) { self.init(points: points, at: 0) }

    /// The weights for the polynomial's value at another point: a share that the others, or some of them and the secret, imply.
    package init(points: [UInt8], at place: UInt8) {
        precondition(Set(points).count == points.count && !points.contains(place), "points are distinct and not the one asked for")
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
    package func combine(_ shares: [SecretBytes]) -> SecretBytes {
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
