/// A node's public keys of one round, and what it binds itself to.
package struct KeyAdvertisement: Sendable, Hashable {
    package static let byteCount = 96

    /// X25519, for the encryption of shares.
    package var encryptionKey: [UInt8]
    /// X25519, for pair masks.
    package var maskKey: [UInt8]
    /// H("commitment" ‖ seed ‖ member ‖ opening context) of the self-mask seed.
    package var commitment: Hash256

    package var body: [UInt8] { encryptionKey + maskKey + commitment.bytes }

    package init(encryptionKey: [UInt8], maskKey: [UInt8], commitment: Hash256) {
        self.encryptionKey = encryptionKey
        self.maskKey = maskKey
        self.commitment = commitment
    }
    package init(body: [UInt8]) throws {
        var reader = WireReader(body, subject: "advertisement")
        encryptionKey = try reader.take(32)
        maskKey = try reader.take(32)
        commitment = try reader.hash()
        try reader.finish()
    }

    package static func commitment(to seed: SecretBytes, of member: MemberID, in announcement: Announcement) -> Hash256 {
        Hash256(secret: seed, label: "commitment", member.bytes + announcement.openingContext)
    }
}

/// All adverts the coordinator has: U1.
package struct KeyList: Sendable {
    package var advertisements: [SignedMessage]

    package func encoded() -> [UInt8] {
        var writer = WireWriter()
        writer.append(MessageKind.keyList.rawValue)
        writer.append(count: advertisements.count)
        for message in advertisements { message.append(to: &writer) }
        return writer.bytes
    }
    package init(advertisements: [SignedMessage]) { self.advertisements = advertisements }
    package init(decoding bytes: [UInt8]) throws {
        var reader = WireReader(bytes, subject: "list of keys")
        guard try reader.integer(UInt8.self) == MessageKind.keyList.rawValue else { throw reader.problem("is of another kind") }
        advertisements = []
        for _ in 0..<(try reader.count(ofAtLeast: SignedMessage.overhead + KeyAdvertisement.byteCount)) {
            advertisements.append(try SignedMessage(&reader, bodyByteCount: KeyAdvertisement.byteCount))
        }
        try reader.finish()
    }
}
