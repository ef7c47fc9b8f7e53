public import X509

/// Who a node is: the SAN URI `spiffe://<federation>/node/<node>` of its certificate. Never taken from a common name.
public struct NodeIdentity: Sendable, Hashable, CustomStringConvertible {
    /// Name of the federation: 1…63 of `a-z 0-9 - .`, beginning and ending with a letter or digit.
    public let federation: String
    /// Name of the node: 1…63 of `a-z 0-9 -`, beginning with a letter or digit.
    public let node: String

    /// - Throws: `IdentityError` (`malformed`) when a name breaks its rule.
    public init(federation: String, node: String) throws {
        try Self.checkFederation(federation)
        guard Self.isName(node, alsoAllowing: []) else {
            throw IdentityError(.malformed, "“\(node)” is not a node name: use 1 to 63 of a-z, 0-9 and -, beginning with a letter or digit")
        }
        self.federation = federation
        self.node = node
    }

    /// Parses `spiffe://<federation>/node/<node>`; nothing else is accepted.
    public init(uri: String) throws {
        let prefix = "spiffe://"
        let parts = uri.dropFirst(prefix.count).split(separator: "/", omittingEmptySubsequences: false)
        guard uri.hasPrefix(prefix), parts.count == 3, parts[1] == "node" else {
            throw IdentityError(.malformed, "“\(uri)” is not the identity of a node")
        }
        try self.init(federation: String(parts[0]), node: String(parts[2]))
    }

    /// The identity in a leaf certificate: it must have exactly one URI name.
    /// - Throws: `IdentityError` (`wrongUsage`) when the certificate has no such name.
    public init(certificate: Certificate) throws {
        let names = try? certificate.extensions.subjectAlternativeNames
        var uris: [String] = []
        for case .uniformResourceIdentifier(let uri) in names ?? SubjectAlternativeNames() { uris.append(uri) }
        guard uris.count == 1 else {
            throw IdentityError(.wrongUsage, "the certificate is not a node's: it has \(uris.count) URI names instead of one")
        }
        try self.init(uri: uris[0])
    }

    public var uri: String { "spiffe://\(federation)/node/\(node)" }
    public var description: String { uri }

    /// - Throws: `IdentityError` (`malformed`) unless the text can name a federation.
    public static func checkFederation(_ name: String) throws {
        guard isName(name, alsoAllowing: [UInt8(ascii: ".")]), let last = name.utf8.last, last != UInt8(ascii: "."), last != UInt8(ascii: "-") else {
            throw IdentityError(
                .malformed, "“\(name)” is not a federation name: use 1 to 63 of a-z, 0-9, - and ., beginning and ending with a letter or digit")
        }
    }

    private static func isName(_ text: String, alsoAllowing extra: [UInt8]) -> Bool {
        func isAlphanumeric(_ byte: UInt8) -> Bool {
            (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
        }
        let bytes = Array(text.utf8)
        return (1...63).contains(bytes.count) && isAlphanumeric(bytes[0])
            && bytes.allSatisfy { isAlphanumeric($0) || $0 == UInt8(ascii: "-") || extra.contains($0) }
    }
}
