import Crypto

/// HKDF-SHA256 (RFC 5869) with the round's context as salt: no key fits another session, round, model, configuration or set of nodes.
package struct KeyDerivation: Sendable {
    /// The salt.
    package let context: [UInt8]

    package init(context: [UInt8]) { self.context = context }

    package func key(from secret: SecretBytes, info: [UInt8]) -> SecretBytes {
        SecretBytes(HKDF<SHA256>.deriveKey(inputKeyMaterial: secret.symmetricKey, salt: context, info: info, outputByteCount: 32))
    }

    /// Key of the mask that two nodes share; the same whichever of them asks.
    package func pairMaskKey(_ shared: SecretBytes, _ one: (member: MemberID, key: [UInt8]), _ other: (member: MemberID, key: [UInt8])) -> SecretBytes {
        let (low, high) = one.member < other.member ? (one, other) : (other, one)
        return key(from: shared, info: Array("pair mask".utf8) + low.member.bytes + high.member.bytes + low.key + high.key)
    }
    /// Key of a node's own mask.
    package func selfMaskKey(_ seed: SecretBytes, of member: MemberID) -> SecretBytes { key(from: seed, info: Array("self mask".utf8) + member.bytes) }
    /// Shares that both ends derive and nobody sends: uniformly random to everybody else.
    package func derivedShares(_ shared: SecretBytes, from sender: MemberID, to receiver: MemberID) -> DealtShares {
        DealtShares(
            maskKey: key(from: shared, info: Array("mask key share".utf8) + sender.bytes + receiver.bytes),
            selfSeed: key(from: shared, info: Array("self mask share".utf8) + sender.bytes + receiver.bytes))
    }
    /// Key of the shares that `sender` deals to `receiver`: one ciphertext in its life.
    package func shareKey(_ shared: SecretBytes, from sender: MemberID, to receiver: MemberID) -> SecretBytes {
        key(from: shared, info: Array("share".utf8) + sender.bytes + receiver.bytes)
    }
}
