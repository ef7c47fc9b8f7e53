import Crypto

/// AES-256-GCM around the two shares that one node deals to another. The additional data name the context, the sender and the receiver.
package struct ShareCipher: Sendable {
    package static let nonceByteCount = 12
    package static let tagByteCount = 16
    /// Nonce, the shares of the mask key and of the self-mask seed, tag.
    package static let sealedByteCount = nonceByteCount + 2 * SecretSharing.secretByteCount + tagByteCount

    package let key: SecretBytes
    package let associatedData: [UInt8]

    package init(_ derivation: KeyDerivation, shared: SecretBytes, from sender: MemberID, to receiver: MemberID) {
        key = derivation.shareKey(shared, from: sender, to: receiver)
        associatedData = derivation.context + sender.bytes + receiver.bytes
    }
    package init(key: SecretBytes, associatedData: [UInt8]) {
        self.key = key
        self.associatedData = associatedData
    }

    /// - Parameter nonce: 12 random bytes, although the key seals once: a mistake elsewhere must not repeat one.
    package func seal(_ shares: DealtShares, nonce: SecretBytes) throws -> [UInt8] {
        try withWipedBytes(2 * SecretSharing.secretByteCount) { plain in
            shares.maskKey.withBytes { plain.copyMemory(from: $0) }
            shares.selfSeed.withBytes { UnsafeMutableRawBufferPointer(rebasing: plain[SecretSharing.secretByteCount...]).copyMemory(from: $0) }
            return try seal(UnsafeRawBufferPointer(plain), nonce: nonce)
        }
    }

    package func seal(_ plain: UnsafeRawBufferPointer, nonce: SecretBytes) throws -> [UInt8] {
        let box = try nonce.withBytes { try AES.GCM.seal(plain, using: key.symmetricKey, nonce: AES.GCM.Nonce(data: $0), authenticating: associatedData) }
        return nonce.withBytes { Array($0) } + Array(box.ciphertext) + Array(box.tag)
    }

    /// - Throws: ``SecureAggregationError`` `.unauthentic` when the bytes are not what the sender sealed for this receiver in this round.
    package func open(_ sealed: [UInt8]) throws -> DealtShares {
        guard sealed.count == Self.sealedByteCount, let box = try? AES.GCM.SealedBox(combined: sealed),
            let plain = try? AES.GCM.open(box, using: key.symmetricKey, authenticating: associatedData), plain.count == 2 * SecretSharing.secretByteCount
        else { throw SecureAggregationError(.unauthentic, "a share was not sealed by its sender for this node in this round") }
        let length = SecretSharing.secretByteCount
        return DealtShares(maskKey: SecretBytes(SymmetricKey(data: plain.prefix(length))), selfSeed: SecretBytes(SymmetricKey(data: plain.suffix(length))))
    }
}

/// What one node holds of another's two secrets. At most one of the two is ever revealed.
package struct DealtShares: Sendable {
    package var maskKey: SecretBytes
    package var selfSeed: SecretBytes

    package init(maskKey: SecretBytes, selfSeed: SecretBytes) {
        self.maskKey = maskKey
        self.selfSeed = selfSeed
    }
}
