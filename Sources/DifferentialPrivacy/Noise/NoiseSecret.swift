import CLibCrypto

/// A secret from which a node draws the same noise again: only for noise that must cancel earlier noise, as that of a matrix mechanism.
///
/// Whoever learns it can subtract the noise of the whole run, so it stays at the node like the events themselves, and is erased with the run. Each stream is
/// AES-256-CTR under the key SHA-256(secret ‖ length-prefixed names of the purpose).
public struct NoiseSecret: NoiseSource {
    /// 32 bytes, to be kept as private as the events.
    public let bytes: [UInt8]

    /// A fresh secret from the system's entropy.
    /// - Throws: ``PrivacyError`` (`noEntropy`).
    public init() throws {
        var words = [UInt64](repeating: 0, count: 4)
        var stream = try SystemNoiseSource().stream(for: NoisePurpose("secret"))
        try words.withUnsafeMutableBufferPointer { try stream.fill($0) }
        bytes = words.flatMap { word in (0..<8).map { UInt8(truncatingIfNeeded: word >> UInt64(8 * $0)) } }
    }

    /// A secret that was kept.
    /// - Throws: ``PrivacyError`` (`invalidParameter`) unless there are 32 bytes.
    public init(bytes: [UInt8]) throws {
        guard bytes.count == 32 else { throw PrivacyError(.invalidParameter, "a noise secret has 32 bytes, not \(bytes.count); the file is damaged") }
        self.bytes = bytes
    }

    public func stream(for purpose: NoisePurpose) throws -> any NoiseStream {
        var message = bytes
        for name in purpose.path {
            let text = Array(name.utf8)
            for shift in 0..<8 { message.append(UInt8(truncatingIfNeeded: text.count >> (8 * shift))) }
            message += text
        }
        var key = [UInt8](repeating: 0, count: 32)
        var length: UInt32 = 0
        let status = EVP_Digest(message, message.count, &key, &length, EVP_sha256(), nil)
        defer {
            OPENSSL_cleanse(&key, key.count)
            OPENSSL_cleanse(&message, message.count)
        }
        guard status == 1, length == 32 else {
            throw PrivacyError(.noEntropy, "the system's cryptography library cannot compute SHA-256; check the OpenSSL installation")
        }
        return try CounterModeStream(key: key)
    }
}

extension NoiseSecret: CustomStringConvertible, CustomDebugStringConvertible {
    /// Never the bytes.
    public var description: String { "NoiseSecret" }
    public var debugDescription: String { description }
}
