/// U3: the nodes whose masked input arrived, for the nodes to sign.
package struct SurvivorList: Sendable, Hashable {
    package var survivors: [MemberID]

    package func encoded() -> [UInt8] {
        var writer = WireWriter()
        writer.append(MessageKind.survivors.rawValue)
        writer.append(survivors)
        return writer.bytes
    }
    package init(survivors: [MemberID]) { self.survivors = survivors }
    package init(decoding bytes: [UInt8]) throws {
        var reader = WireReader(bytes, subject: "list of survivors")
        guard try reader.integer(UInt8.self) == MessageKind.survivors.rawValue else { throw reader.problem("is of another kind") }
        survivors = try reader.members()
        try reader.finish()
    }
    /// H(U3): the body of a consistency signature.
    package static func digest(of survivors: [MemberID]) -> Hash256 {
        var writer = WireWriter()
        writer.append(Array("survivors".utf8))
        writer.append(survivors)
        return Hash256(of: writer.bytes)
    }
}

/// A node's signature on U3.
public struct ConsistencySignature: Sendable, Hashable {
    public var member: MemberID
    public var signature: [UInt8]

    package init(member: MemberID, signature: [UInt8]) {
        self.member = member
        self.signature = signature
    }
}

/// U3 with the signatures of at least t of its members: the only thing that makes a node reveal shares.
package struct UnmaskRequest: Sendable, Hashable {
    package var survivors: [MemberID]
    package var signatures: [ConsistencySignature]

    package func encoded() -> [UInt8] {
        var writer = WireWriter()
        writer.append(MessageKind.unmaskRequest.rawValue)
        append(to: &writer)
        return writer.bytes
    }
    func append(to writer: inout WireWriter) {
        writer.append(survivors)
        writer.append(count: signatures.count)
        for signature in signatures {
            writer.append(signature.member)
            writer.append(signature.signature)
        }
    }
    package init(survivors: [MemberID], signatures: [ConsistencySignature]) {
        self.survivors = survivors
        self.signatures = signatures
    }
    package init(decoding bytes: [UInt8]) throws {
        var reader = WireReader(bytes, subject: "request to unmask")
        guard try reader.integer(UInt8.self) == MessageKind.unmaskRequest.rawValue else { throw reader.problem("is of another kind") }
        try self.init(&reader)
        try reader.finish()
    }
    init(_ reader: inout WireReader) throws {
        survivors = try reader.members()
        signatures = []
        for _ in 0..<(try reader.count(ofAtLeast: 68)) {
            signatures.append(ConsistencySignature(member: try reader.member(), signature: try reader.take(SignedMessage.signatureByteCount)))
        }
    }
}

/// What a node reveals: H(U3), then for each dealer whose shares it holds, in ascending order, one share of 32 bytes – of the self-mask
/// seed for a survivor, of the mask key for one that dropped. There is no room for both.
package struct Unmasking: Sendable {
    package var survivorsDigest: Hash256
    package var shares: [SecretBytes]

    package var body: [UInt8] { survivorsDigest.bytes + shares.flatMap { $0.withBytes { Array($0) } } }
    package init(survivorsDigest: Hash256, shares: [SecretBytes]) {
        self.survivorsDigest = survivorsDigest
        self.shares = shares
    }
    package init(body: [UInt8], owners: Int) throws {
        var reader = WireReader(body, subject: "set of shares")
        survivorsDigest = try reader.hash()
        shares = try (0..<owners).map { _ in try reader.secret(SecretSharing.secretByteCount) }
        try reader.finish()
    }
}
