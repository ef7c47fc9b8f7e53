/// What the coordinator publishes: who is in the sum, who signed for it, what was added, and the sum.
public struct AggregateResult: Sendable, Hashable {
    /// U3, ascending.
    public var survivors: [MemberID]
    /// At least t signatures on it.
    public var signatures: [ConsistencySignature]
    /// SHA-256 of each survivor's masked input, in the order of the survivors.
    public var payloadDigests: [Hash256]
    /// SHA-256 of the sum's payload: d words of b bits, little-endian.
    public var sumDigest: Hash256

    public func encoded() -> [UInt8] {
        var writer = WireWriter()
        writer.append(MessageKind.result.rawValue)
        UnmaskRequest(survivors: survivors, signatures: signatures).append(to: &writer)
        writer.append(count: payloadDigests.count)
        for digest in payloadDigests { writer.append(digest) }
        writer.append(sumDigest)
        return writer.bytes
    }
    package init(survivors: [MemberID], signatures: [ConsistencySignature], payloadDigests: [Hash256], sumDigest: Hash256) {
        self.survivors = survivors
        self.signatures = signatures
        self.payloadDigests = payloadDigests
        self.sumDigest = sumDigest
    }
    /// - Throws: ``SecureAggregationError`` `.malformed`.
    public init(decoding bytes: [UInt8]) throws {
        var reader = WireReader(bytes, subject: "result")
        guard try reader.integer(UInt8.self) == MessageKind.result.rawValue else { throw reader.problem("is of another kind") }
        let request = try UnmaskRequest(&reader)
        (survivors, signatures) = (request.survivors, request.signatures)
        payloadDigests = []
        for _ in 0..<(try reader.count(ofAtLeast: Hash256.byteCount)) { payloadDigests.append(try reader.hash()) }
        sumDigest = try reader.hash()
        try reader.finish()
    }

    /// H over the context, U3, all masked inputs and the sum: the same for everybody who took part in the same round.
    package func transcript(in context: [UInt8]) -> Hash256 {
        var writer = WireWriter()
        writer.append(Array("transcript".utf8))
        writer.append(Hash256(of: context))
        writer.append(survivors)
        for digest in payloadDigests { writer.append(digest) }
        writer.append(sumDigest)
        return Hash256(of: writer.bytes)
    }
}

/// What a node signs when it has applied the server's step itself.
package struct Confirmation: Sendable, Hashable {
    package static let byteCount = 64
    package var transcript: Hash256
    package var nextModel: Hash256

    package var body: [UInt8] { transcript.bytes + nextModel.bytes }
    package init(transcript: Hash256, nextModel: Hash256) {
        self.transcript = transcript
        self.nextModel = nextModel
    }
    package init(body: [UInt8]) throws {
        var reader = WireReader(body, subject: "confirmation")
        transcript = try reader.hash()
        nextModel = try reader.hash()
        try reader.finish()
    }
}

/// The confirmations of the others, for each node to compare with its own.
package struct ConfirmationList: Sendable {
    package var confirmations: [SignedMessage]

    package func encoded() -> [UInt8] {
        var writer = WireWriter()
        writer.append(MessageKind.confirmations.rawValue)
        writer.append(count: confirmations.count)
        for message in confirmations { message.append(to: &writer) }
        return writer.bytes
    }
    package init(confirmations: [SignedMessage]) { self.confirmations = confirmations }
    package init(decoding bytes: [UInt8]) throws {
        var reader = WireReader(bytes, subject: "list of confirmations")
        guard try reader.integer(UInt8.self) == MessageKind.confirmations.rawValue else { throw reader.problem("is of another kind") }
        confirmations = []
        for _ in 0..<(try reader.count(ofAtLeast: SignedMessage.overhead + Confirmation.byteCount)) {
            confirmations.append(try SignedMessage(&reader, bodyByteCount: Confirmation.byteCount))
        }
        try reader.finish()
    }
}
