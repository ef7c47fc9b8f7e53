import Crypto

/// AES-256-GCM around the two shares that one node deals to another. The additional data name the context, the sender and the receiver.
struct ShareCipher: Sendable {
    static let nonceByteCount = 12
    static let tagByteCount = 16
    /// Nonce, the shares of the mask key and of the self-mask seed, tag.
    static let sealedByteCount = nonceByteCount + 2 * SecretSharing.secretByteCount + tagByteCount

    let key: SecretBytes
    let associatedData: [UInt8]

    init(_ derivation: KeyDerivation, shared: SecretBytes, from sender: MemberID, to receiver: MemberID) {
        key = derivation.shareKey(shared, from: sender, to: receiver)
        associatedData = derivation.context + sender.bytes + receiver.bytes
    }
    init(key: SecretBytes, associatedData: [UInt8]) {
        self.key = key
        self.associatedData = associatedData
    }

    /// - Parameter nonce: 12 random bytes, although the key seals once: a mistake elsewhere must not repeat one.
    func seal(_ shares: DealtShares, nonce: SecretBytes) throws -> [UInt8] {
        try withWipedBytes(2 * SecretSharing.secretByteCount) { plain in
            shares.maskKey.withBytes { plain.copyMemory(from: $0) }
            shares.selfSeed.withBytes { UnsafeMutableRawBufferPointer(rebasing: plain[SecretSharing.secretByteCount...]).copyMemory(from: $0) }
            return try seal(UnsafeRawBufferPointer(plain), nonce: nonce)
        }
    }

    func seal(_ plain: UnsafeRawBufferPointer, nonce: SecretBytes) throws -> [UInt8] {
        let box = try nonce.withBytes { try AES.GCM.seal(plain, using: key.symmetricKey, nonce: AES.GCM.Nonce(data: $0), authenticating: associatedData) }
        return nonce.withBytes { Array($0) } + Array(box.ciphertext) + Array(box.tag)
    }

    /// - Throws: ``SecureAggregationError`` `.unauthentic` when the bytes are not what the sender sealed for this receiver in this round.
    func open(_ sealed: [UInt8]) throws -> DealtShares {
        guard sealed.count == Self.sealedByteCount, let box = try? AES.GCM.SealedBox(combined: sealed),
            let plain = try? AES.GCM.open(box, using: key.symmetricKey, authenticating: associatedData), plain.count == 2 * SecretSharing.secretByteCount
        else { throw SecureAggregationError(.unauthentic, "a share was not sealed by its sender for this node in this round") }
        let length = SecretSharing.secretByteCount
        return DealtShares(maskKey: SecretBytes(SymmetricKey(data: plain.prefix(length))), selfSeed: SecretBytes(SymmetricKey(data: plain.suffix(length))))
    }
}

/// What one node holds of another's two secrets. At most one of the two is ever revealed.
struct DealtShares: Sendable {
    var maskKey: SecretBytes
    var selfSeed: SecretBytes
}
