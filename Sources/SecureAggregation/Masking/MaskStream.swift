import CLibCrypto

/// The keystream of AES-256 in counter mode from counter 0, out of OpenSSL's libcrypto: 128-bit security and several GB/s.
///
/// A reference type that goes on where it stopped; one per key.
package final class MaskStream {
    private let context: OpaquePointer

    /// - Parameters:
    ///   - key: 32 bytes that expand one mask and nothing else.
    ///   - counter: 16 bytes; zeros unless a reference vector says otherwise.
    package init(key: SecretBytes, counter: [UInt8] = [UInt8](repeating: 0, count: 16)) throws {
        precondition(key.byteCount == 32 && counter.count == 16, "a mask key has 256 bits and a counter 128")
        guard let context = EVP_CIPHER_CTX_new() else { throw Self.failure }
        self.context = context
        let status = key.withBytes { EVP_EncryptInit_ex(context, EVP_aes_256_ctr(), nil, $0.baseAddress?.assumingMemoryBound(to: UInt8.self), counter) }
        guard status == 1 else { throw Self.failure }
    }

    deinit { EVP_CIPHER_CTX_free(context) }

    private static var failure: SecureAggregationError {
        SecureAggregationError(.noEntropy, "the system's cryptography library failed at AES-256-CTR; nothing is released without masks: check the OpenSSL installation")
    }

    /// The next bytes of the keystream.
    package func fill(_ buffer: UnsafeMutableRawBufferPointer) throws {
        _ = buffer.initializeMemory(as: UInt8.self, repeating: 0)
        try encrypt(UnsafeRawBufferPointer(buffer), into: buffer)
    }

    /// The next bytes of the keystream, exclusive-ored with the input; the two may be the same bytes.
    package func encrypt(_ input: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer) throws {
        precondition(input.count == output.count && input.count <= Int(Int32.max), "blocks of one size")
        guard let from = input.baseAddress, let to = output.baseAddress else { return }
        var written: Int32 = 0
        let status = EVP_EncryptUpdate(context, to.assumingMemoryBound(to: UInt8.self), &written, from.assumingMemoryBound(to: UInt8.self), Int32(input.count))
        guard status == 1, Int(written) == input.count else { throw Self.failure }
    }
}
