public import Crypto

/// A node's long-term Ed25519 key, whose public half is in the roster.
public struct SigningIdentity: Sendable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    public let member: MemberID
    private let key: Curve25519.Signing.PrivateKey

    public init(member: MemberID, key: Curve25519.Signing.PrivateKey) {
        self.member = member
        self.key = key
    }
    /// A new identity from the system's entropy.
    public static func fresh(member: MemberID) -> SigningIdentity { SigningIdentity(member: member, key: Curve25519.Signing.PrivateKey()) }

    public var publicKey: [UInt8] { Array(key.publicKey.rawRepresentation) }

    package func sign(_ content: [UInt8]) throws -> [UInt8] {
        do {
            return Array(try key.signature(for: content))
        } catch {
            throw SecureAggregationError(.noEntropy, "the aggregation key cannot sign: \(error)")
        }
    }
    public var description: String { "SigningIdentity(\(member), hidden)" }
    public var debugDescription: String { description }
    public var customMirror: Mirror { Mirror(self, children: EmptyCollection<Mirror.Child>()) }
}

/// The public half of a ``SigningIdentity``.
public struct VerificationKey: Sendable, Hashable {
    public static let byteCount = 32
    /// RFC 8032 encoding.
    public let bytes: [UInt8]

    /// - Returns: `nil` unless there are 32 bytes.
    public init?(_ bytes: [UInt8]) {
        guard bytes.count == Self.byteCount else { return nil }
        self.bytes = bytes
    }
    /// Whether the signature is this key's over the content.
    public func verifies(_ signature: [UInt8], over content: [UInt8]) -> Bool {
        guard signature.count == 64, let key = try? Curve25519.Signing.PublicKey(rawRepresentation: bytes) else { return false }
        return key.isValidSignature(signature, for: content)
    }
}
