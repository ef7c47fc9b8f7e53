/// The body of a node's shares: one ciphertext for each of its neighbours, in ascending order of their numbers.
struct ShareBundle: Sendable {
    var sealed: [[UInt8]]

    var body: [UInt8] { Array(sealed.joined()) }
    init(sealed: [[UInt8]]) { self.sealed = sealed }
    /// - Parameter neighbours: how many there are.
    init(body: [UInt8], neighbours: Int) throws {
        var reader = WireReader(body, subject: "bundle of shares")
        sealed = try (0..<neighbours).map { _ in try reader.take(ShareCipher.sealedByteCount) }
        try reader.finish()
    }
}

/// What a node gets: who dealt shares (U2), and the ciphertexts for it from its neighbours among them, in ascending order.
struct ShareDelivery: Sendable {
    var dealers: [MemberID]
    var sealed: [[UInt8]]

    func encoded() -> [UInt8] {
        var writer = WireWriter()
        writer.append(MessageKind.shareDelivery.rawValue)
        writer.append(dealers)
        writer.append(count: sealed.count)
        for ciphertext in sealed { writer.append(ciphertext) }
        return writer.bytes
    }
    init(dealers: [MemberID], sealed: [[UInt8]]) {
        self.dealers = dealers
        self.sealed = sealed
    }
    init(decoding bytes: [UInt8]) throws {
        var reader = WireReader(bytes, subject: "delivery of shares")
        guard try reader.integer(UInt8.self) == MessageKind.shareDelivery.rawValue else { throw reader.problem("is of another kind") }
        dealers = try reader.members()
        sealed = []
        for _ in 0..<(try reader.count(ofAtLeast: ShareCipher.sealedByteCount)) { sealed.append(try reader.take(ShareCipher.sealedByteCount)) }
        try reader.finish()
    }
}
