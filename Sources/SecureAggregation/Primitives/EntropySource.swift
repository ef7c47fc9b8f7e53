import CLibCrypto

/// Where keys and seeds of secure aggregation come from.
///
/// The shipped programs use ``SystemEntropySource`` and nothing else. Reproducible sources, for tests and simulations, live in a target
/// that the shipped programs do not depend on.
public protocol EntropySource: Sendable {
    /// `count` fresh, uniformly distributed bytes. A system source never repeats, also for the same purpose.
    /// - Throws: ``SecureAggregationError`` `.noEntropy` when the system gives no randomness; the round must then end.
    func secret(byteCount: Int, for purpose: EntropyPurpose) throws -> SecretBytes
}

/// What bytes are for. Reproducible sources derive them from it; the system source ignores it.
public struct EntropyPurpose: Sendable, Hashable {
    public var path: [String]
    public init(path: [String]) { self.path = path }
}

/// The operating system's entropy: exclusive-or of the kernel's random bytes and of OpenSSL's private generator, so that neither alone
/// decides a key.
public struct SystemEntropySource: EntropySource {
    public init() {}

    public func secret(byteCount: Int, for purpose: EntropyPurpose) throws -> SecretBytes {
        precondition(byteCount > 0, "a secret has bytes")
        var generator = SystemRandomNumberGenerator()
        return try withWipedBytes(byteCount) { buffer in
            guard let base = buffer.baseAddress, RAND_priv_bytes(base.assumingMemoryBound(to: UInt8.self), Int32(byteCount)) == 1 else {
                throw SecureAggregationError(.noEntropy, "the system's cryptography library gave no random bytes; check the OpenSSL installation")
            }
            for index in buffer.indices { buffer[index] ^= UInt8(truncatingIfNeeded: generator.next() as UInt64) }
            return SecretBytes(UnsafeRawBufferPointer(buffer))
        }
    }
}

/// Overwrites in a way no compiler removes.
func wipe(_ buffer: UnsafeMutableRawBufferPointer) {
    if let base = buffer.baseAddress { OPENSSL_cleanse(base, buffer.count) }
}
