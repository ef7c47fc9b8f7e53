import CLibCrypto

/// Noise from the operating system's entropy: a fresh 256-bit key per stream, expanded by AES-256 in counter mode.
///
/// The key is the exclusive-or of the kernel's random bytes and of OpenSSL's private generator, so that neither alone decides it and
/// no configuration file of the cryptography library can make it predictable. It exists only inside the cipher context, whose
/// memory the library wipes when the stream is released, is never written anywhere, and is replaced after 2³² blocks.
public struct SystemNoiseSource: NoiseSource {
    public init() {}
    public func stream(for purpose: NoisePurpose) throws -> any NoiseStream { try CounterModeStream() }
}

/// AES-256-CTR over zeros. A reference type: copies of the reference go on where the others stopped, so no word is seen twice.
final class CounterModeStream: NoiseStream {
    private let context: OpaquePointer
    /// Words until the key is replaced: 2³² blocks of two words.
    private var wordsLeft = 0
    private static let wordsPerKey = 1 << 33
    private let isKeyGiven: Bool
    /// Words per call of the cipher: 256 KiB.
    private static let chunk = 1 << 15

    init() throws {
        guard let context = EVP_CIPHER_CTX_new() else { throw Self.failure("no memory for a cipher") }
        self.context = context
        isKeyGiven = false
        try rekey()
    }

    /// The one sequence of a given key of 32 bytes; it ends after 2³² blocks.
    init(key: [UInt8]) throws {
        precondition(key.count == 32, "a key has 32 bytes")
        guard let context = EVP_CIPHER_CTX_new() else { throw Self.failure("no memory for a cipher") }
        self.context = context
        isKeyGiven = true
        guard EVP_EncryptInit_ex(context, EVP_aes_256_ctr(), nil, key, [UInt8](repeating: 0, count: 16)) == 1 else {
            throw Self.failure("AES-256-CTR is not available")
        }
        wordsLeft = Self.wordsPerKey
    }

    deinit { EVP_CIPHER_CTX_free(context) }

    private static func failure(_ what: String) -> PrivacyError {
        PrivacyError(.noEntropy, "the system's cryptography library failed (\(what)); nothing is released without noise: check the OpenSSL installation")
    }

    private func rekey() throws {
        if isKeyGiven { throw Self.failure("a key's sequence is over") }
        var generator = SystemRandomNumberGenerator()
        try withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 48) { bytes in
            // 32 bytes of key, then a counter block of zeros: a key is used for one sequence only.
            bytes.initialize(repeating: 0)
            guard let base = bytes.baseAddress else { throw Self.failure("no memory for a key") }
            defer { OPENSSL_cleanse(base, bytes.count) }
            guard RAND_priv_bytes(base, 32) == 1 else { throw Self.failure("no random bytes") }
            for word in 0..<4 {
                var bits: UInt64 = generator.next()
                for index in 0..<8 {
                    bytes[word * 8 + index] ^= UInt8(truncatingIfNeeded: bits)
                    bits >>= 8
                }
            }
            guard EVP_EncryptInit_ex(context, EVP_aes_256_ctr(), nil, base, base + 32) == 1 else { throw Self.failure("AES-256-CTR is not available") }
        }
        wordsLeft = Self.wordsPerKey
    }

    func fill(_ words: UnsafeMutableBufferPointer<UInt64>) throws {
        guard let base = words.baseAddress else { return }
        var done = 0
        while done < words.count {
            if wordsLeft == 0 { try rekey() }
            let count = min(words.count - done, Self.chunk, wordsLeft)
            (base + done).update(repeating: 0, count: count)
            let byteCount = Int32(count * 8)
            var written: Int32 = 0
            let status = (base + done).withMemoryRebound(to: UInt8.self, capacity: count * 8) {
                EVP_EncryptUpdate(context, $0, &written, $0, byteCount)
            }
            guard status == 1, written == byteCount else { throw Self.failure("encryption") }
            done += count
            wordsLeft -= count
        }
    }
}
