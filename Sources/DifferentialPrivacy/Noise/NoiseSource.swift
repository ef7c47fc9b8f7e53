/// Where the randomness of privacy noise comes from.
///
/// The shipped programs use ``SystemNoiseSource`` and nothing else. Everything that takes noise takes this protocol, so that tests
/// can pass a reproducible source, which lives in a target that the shipped programs do not depend on.
public protocol NoiseSource: Sendable {
    /// A fresh stream of uniformly distributed, independent words. A system stream never repeats, also for the same purpose.
    /// - Throws: ``PrivacyError`` (`noEntropy`) when the system gives no randomness; nothing may be released then.
    func stream(for purpose: NoisePurpose) throws -> any NoiseStream
}

/// Uniformly distributed 64-bit words.
public protocol NoiseStream {
    /// Fills the whole buffer.
    /// - Throws: ``PrivacyError`` (`noEntropy`); the buffer's contents must then not be used.
    mutating func fill(_ words: UnsafeMutableBufferPointer<UInt64>) throws
}

/// What a stream is for: names such as the plan's digest, the node, the round and the use in it. Reproducible sources derive the
/// stream from it; the system source ignores it, because its every stream has a key of its own.
public struct NoisePurpose: Sendable, Hashable {
    public var path: [String]
    public init(_ path: String...) { self.path = path }
    public init(path: [String]) { self.path = path }
}
