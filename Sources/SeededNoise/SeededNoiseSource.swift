public import DifferentialPrivacy
public import SeededRandom

/// Reproducible noise for tests and simulations. **It protects nobody**: whoever knows the seed subtracts the noise.
///
/// It lives in a target of its own, so that the shipped programs cannot name it.
public struct SeededNoiseSource: NoiseSource {
    public let seed: UInt64
    public init(seed: UInt64) { self.seed = seed }

    /// The stream of the seed and the purpose; the same for the same purpose.
    public func stream(for purpose: NoisePurpose) -> any NoiseStream {
        SeededNoiseStream(purpose.path.reduce(RandomStream(seed: seed, "noise")) { $0.child($1) })
    }
}

/// The words of a ``RandomStream``.
public struct SeededNoiseStream: NoiseStream, Sendable {
    private var stream: RandomStream
    public init(_ stream: RandomStream) { self.stream = stream }

    public mutating func fill(_ words: UnsafeMutableBufferPointer<UInt64>) {
        for index in words.indices { words[index] = stream.next() }
    }
}
