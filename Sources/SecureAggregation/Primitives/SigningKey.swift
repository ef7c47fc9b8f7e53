import Crypto

/// A node's long-term Ed25519 key before the node has a number: made once, registered when the node enrols, kept in a file of its owner.
public struct SigningKey: Sendable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    private let key: Curve25519.Signing.PrivateKey

    /// - Parameter rawRepresentation: 32 bytes, RFC 8032.
    /// - Throws: ``SecureAggregationError`` `.malformed` when they are no key.
    public init(rawRepresentation: [UInt8]) throws {
        do { key = try Curve25519.Signing.PrivateKey(rawRepresentation: rawRepresentation) } catch {
            throw SecureAggregationError(.malformed, "the aggregation key is damaged: restore it from a backup, or remove it and enrol again")
        }
    }

    /// A new key.
    /// - Throws: ``SecureAggregationError`` `.noEntropy`.
    public init(from entropy: any EntropySource, for purpose: EntropyPurpose) throws {
        let secret = try entropy.secret(byteCount: 32, for: purpose)
        try self.init(rawRepresentation: secret.withBytes { Array($0) })
    }

    /// The public half, 32 bytes.
    public var publicKey: [UInt8] { Array(key.publicKey.rawRepresentation) }
    /// The key under the node's number in a roster.
    public func identity(as member: MemberID) -> SigningIdentity { SigningIdentity(member: member, key: key) }

    public var description: String { "SigningKey(hidden)" }
    public var debugDescription: String { description }
    public var customMirror: Mirror { Mirror(self, children: EmptyCollection<Mirror.Child>()) }
}
