public import Crypto
import Foundation

/// A one-time permission to enrol one node: whom it is for, the secret, and the fingerprint of the certificate authority, so
/// that the very first connection is already pinned.
///
/// Text form: `trib1_` and base64url without padding of
/// `version 1 (1 byte) | root fingerprint (32) | secret (32) | length of the name (1) | name`.
public struct JoinToken: Sendable, Hashable {
    public static let prefix = "trib1_"
    public static let secretByteCount = 32
    private static let version: UInt8 = 1

    public let node: String
    /// 256 bits of the system's entropy. The coordinator stores only `secretDigest`.
    public let secret: [UInt8]
    /// SHA-256 of the root certificate's DER.
    public let rootFingerprint: [UInt8]

    /// A fresh token with a random secret.
    /// - Throws: `IdentityError` (`malformed`) when `node` is not a node name.
    public init(node: String, rootFingerprint: [UInt8]) throws {
        precondition(rootFingerprint.count == 32, "a fingerprint is a SHA-256")
        _ = try NodeIdentity(federation: "any", node: node)
        self.node = node
        secret = SymmetricKey(size: .bits256).withUnsafeBytes { Array($0) }
        self.rootFingerprint = rootFingerprint
    }

    /// Parses the text form; surrounding white space is ignored.
    /// - Throws: `IdentityError` (`malformed`).
    public init(text: String) throws {
        let damaged = IdentityError(
            .malformed, "this is not a join token: it begins with \(Self.prefix) and must be copied whole; make one with `coordinator token create`")
        let trimmed = text.trimmingCharacters(in: .whitespacesAndNewlines)
        guard trimmed.utf8.count <= 256, trimmed.hasPrefix(Self.prefix) else { throw damaged }
        var base64 = String(trimmed.dropFirst(Self.prefix.count))
        guard base64.utf8.allSatisfy({ $0 != UInt8(ascii: "+") && $0 != UInt8(ascii: "/") && $0 != UInt8(ascii: "=") }) else { throw damaged }
        base64 = base64.replacingOccurrences(of: "-", with: "+").replacingOccurrences(of: "_", with: "/")
        base64 += String(repeating: "=", count: (4 - base64.utf8.count % 4) % 4)
        guard let data = Data(base64Encoded: base64) else { throw damaged }
        let bytes = [UInt8](data)
        guard bytes.count > 66, bytes[0] == Self.version, bytes.count == 66 + Int(bytes[65]) else { throw damaged }
        guard let name = String(validating: bytes[66...], as: UTF8.self), (try? NodeIdentity(federation: "any", node: name)) != nil else { throw damaged }
        rootFingerprint = Array(bytes[1..<33])
        secret = Array(bytes[33..<65])
        node = name
        // One text per token: trailing bits of base64 that decode to the same bytes are refused.
        guard self.text == trimmed else { throw damaged }
    }

    /// The text that the operator hands over. A secret: whoever has it can enrol as the node.
    public var text: String {
        let bytes = [Self.version] + rootFingerprint + secret + [UInt8(node.utf8.count)] + Array(node.utf8)
        let base64 = Data(bytes).base64EncodedString()
        return Self.prefix + base64.replacingOccurrences(of: "+", with: "-").replacingOccurrences(of: "/", with: "_").replacingOccurrences(of: "=", with: "")
    }

    /// What the coordinator stores of the secret. SHA-256 without salt is enough for 256 random bits.
    public var secretDigest: SHA256.Digest { SHA256.hash(data: secret) }
}

extension JoinToken: CustomStringConvertible, CustomDebugStringConvertible {
    /// Without the secret, so that a token that gets into a log is worth nothing.
    public var description: String { "join token for \(node)" }
    public var debugDescription: String { description }
}
