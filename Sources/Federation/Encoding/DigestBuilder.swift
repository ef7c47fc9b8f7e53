import Crypto

/// Takes the digest of bytes that come piece by piece.
public struct DigestBuilder: Sendable {
    private var hash = SHA256()
    public init() {}
    public mutating func add(_ bytes: [UInt8]) { hash.update(data: bytes) }
    public func finish() -> Digest { Digest(hash.finalize()) }
}
