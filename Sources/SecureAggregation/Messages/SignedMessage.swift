/// A node's message: its kind, sender and body, under the node's signature.
///
/// Bodies may hold shares, so that no description shows them.
public struct SignedMessage: Sendable, Hashable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    public static let signatureByteCount = 64
    /// Kind, sender and signature.
    package static let overhead = 1 + 4 + signatureByteCount

    public var kind: MessageKind
    public var sender: MemberID
    public var body: [UInt8]
    public var signature: [UInt8]

    public func encoded() -> [UInt8] {
        var writer = WireWriter()
        append(to: &writer)
        return writer.bytes
    }
    func append(to writer: inout WireWriter) {
        writer.append(kind.rawValue)
        writer.append(sender)
        writer.append(body)
        writer.append(signature)
    }

    public var description: String { "SignedMessage(\(kind) of node \(sender), \(body.count) bytes)" }
    public var debugDescription: String { description }
    public var customMirror: Mirror { Mirror(self, children: EmptyCollection<Mirror.Child>()) }

    package init(kind: MessageKind, sender: MemberID, body: [UInt8], signature: [UInt8]) {
        self.kind = kind
        self.sender = sender
        self.body = body
        self.signature = signature
    }

    /// - Throws: ``SecureAggregationError`` `.malformed`.
    public init(decoding bytes: [UInt8]) throws {
        var reader = WireReader(bytes, subject: "message of a node")
        try self.init(&reader, bodyByteCount: bytes.count - Self.overhead)
        try reader.finish()
    }
    init(_ reader: inout WireReader, bodyByteCount: Int) throws {
        guard let kind = MessageKind(rawValue: try reader.integer(UInt8.self)), kind.rawValue < MessageKind.announcement.rawValue else {
            throw reader.problem("is of no kind that nodes send")
        }
        self.kind = kind
        sender = try reader.member()
        body = try reader.take(bodyByteCount)
        signature = try reader.take(Self.signatureByteCount)
    }
}

/// What a signature stands for besides the body: suite ‖ type ‖ session ‖ round ‖ roster epoch ‖ H(context ‖ sender ‖ body).
///
/// The context inside the hash costs no bytes and binds every message to the model, the configuration and, after the keys, to the exact
/// set of adverts.
package struct SignatureScope: Sendable {
    package let session: Hash256
    package let round: UInt64
    package let rosterEpoch: UInt64
    package let context: [UInt8]

    package init(_ announcement: Announcement, context: [UInt8]) {
        session = announcement.session
        round = announcement.round
        rosterEpoch = announcement.rosterEpoch
        self.context = context
    }

    package func content(_ kind: MessageKind, sender: MemberID, body: [UInt8]) -> [UInt8] {
        var writer = WireWriter()
        writer.append(suite)
        writer.append(kind.rawValue)
        writer.append(session)
        writer.append(round)
        writer.append(rosterEpoch)
        writer.append(Hash256(of: context, sender.bytes, body))
        return writer.bytes
    }
    package func signed(_ kind: MessageKind, body: [UInt8], by identity: SigningIdentity) throws -> SignedMessage {
        SignedMessage(kind: kind, sender: identity.member, body: body, signature: try identity.sign(content(kind, sender: identity.member, body: body)))
    }
    package func verifies(_ message: SignedMessage, with key: VerificationKey) -> Bool {
        key.verifies(message.signature, over: content(message.kind, sender: message.sender, body: message.body))
    }
}
