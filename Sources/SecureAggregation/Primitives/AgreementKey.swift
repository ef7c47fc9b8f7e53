import Crypto

/// An X25519 key pair (RFC 7748) of one round.
package struct AgreementKey: Sendable, CustomReflectable {
    private let key: Curve25519.KeyAgreement.PrivateKey
    package let publicKey: [UInt8]

    /// - Parameter secret: 32 bytes.
    package init(_ secret: SecretBytes) throws {
        do {
            key = try secret.withBytes { try Curve25519.KeyAgreement.PrivateKey(rawRepresentation: $0) }
        } catch {
            throw SecureAggregationError(.unauthentic, "a private key has \(secret.byteCount) bytes instead of 32")
        }
        publicKey = Array(key.publicKey.rawRepresentation)
    }

    package var customMirror: Mirror { Mirror(self, children: EmptyCollection<Mirror.Child>()) }

    /// The secret shared with the owner of `peer`'s private key, as input of a key derivation.
    /// - Throws: ``SecureAggregationError`` `.unauthentic` when the point has low order: everybody would know the secret then.
    package func shared(with peer: [UInt8]) throws -> SecretBytes {
        let refused = SecureAggregationError(.unauthentic, "a public key is no point of X25519 that can be used (wrong length or low order)")
        guard let point = try? Curve25519.KeyAgreement.PublicKey(rawRepresentation: peer), let shared = try? key.sharedSecretFromKeyAgreement(with: point) else { throw refused }
        return try shared.withUnsafeBytes { bytes in
            guard bytes.reduce(0, |) != 0 else { throw refused }
            return SecretBytes(bytes)
        }
    }
}
