/// The body of a node's shares: one ciphertext for each neighbour that does not derive its shares, in ascending order of their numbers.
package struct ShareBundle: Sendable {
    package var sealed: [[UInt8]]

    package var body: [UInt8] { Array(sealed.joined()) }
    package init(sealed: [[UInt8]]) { self.sealed = sealed }
    /// - Parameter neighbours: how many get ciphertexts.
    package init(body: [UInt8], neighbours: Int) throws {
        var reader = WireReader(body, subject: "bundle of shares")
        sealed = try (0..<neighbours).map { _ in try reader.take(ShareCipher.sealedByteCount) }
        try reader.finish()
    }
}

/// What a node gets: who dealt shares (U2), and the ciphertexts for it from those neighbours among them that seal its shares, ascending.
package struct ShareDelivery: Sendable {
    package var dealers: [MemberID]
    package var sealed: [[UInt8]]

    package func encoded() -> [UInt8] {
        var writer = WireWriter()
        writer.append(MessageKind.shareDelivery.rawValue)
        writer.append(dealers)
        writer.append(count: sealed.count)
        for ciphertext in sealed { writer.append(ciphertext) }
        return writer.bytes
    }
    package init(dealers: [MemberID], sealed: [[UInt8]]) {
        self.dealers = dealers
        self.sealed = sealed
    }
    package init(decoding bytes: [UInt8]) throws {
        var reader = WireReader(bytes, subject: "delivery of shares")
        guard try reader.integer(UInt8.self) == MessageKind.shareDelivery.rawValue else { throw reader.problem("is of another kind") }
        dealers = try reader.members()
        sealed = []
        for _ in 0..<(try reader.count(ofAtLeast: ShareCipher.sealedByteCount)) { sealed.append(try reader.take(ShareCipher.sealedByteCount)) }
        try reader.finish()
    }
}
