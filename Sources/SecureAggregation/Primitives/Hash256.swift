import Crypto

/// 32 bytes that name something: a SHA-256, or a session drawn at random.
public struct Hash256: Sendable, Hashable, CustomStringConvertible {
    public static let byteCount = 32
    public let bytes: [UInt8]

    /// - Returns: `nil` unless there are exactly 32 bytes.
    public init?(_ bytes: some Sequence<UInt8>) {
        self.bytes = Array(bytes)
        guard self.bytes.count == Self.byteCount else { return nil }
    }
    private init(finished: SHA256Digest) { bytes = Array(finished) }

    /// The SHA-256 of the parts, one behind the other.
    public init(of parts: [UInt8]...) {
        var hash = SHA256()
        for part in parts { hash.update(data: part) }
        self.init(finished: hash.finalize())
    }

    /// H(label ‖ secret ‖ rest), without a copy of the secret.
    init(secret: SecretBytes, label: String, _ rest: [UInt8]) {
        var hash = SHA256()
        hash.update(data: Array(label.utf8))
        secret.withBytes { hash.update(bufferPointer: $0) }
        hash.update(data: rest)
        self.init(finished: hash.finalize())
    }

    /// Lower-case hexadecimal.
    public var description: String {
        let digits = Array("0123456789abcdef".utf8)
        return String(decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
    }
}
