public import SecureAggregation
import SeededRandom

/// Reproducible keys and seeds for tests and simulations. **They protect nobody**: whoever knows the seed knows every mask.
///
/// It lives in a target of its own, so that the shipped programs cannot name it.
public struct SeededEntropySource: EntropySource {
    public let seed: UInt64
    public init(seed: UInt64) { self.seed = seed }

    /// The bytes of the seed and the purpose; the same for the same purpose.
    public func secret(byteCount: Int, for purpose: EntropyPurpose) -> SecretBytes {
        var stream = purpose.path.reduce(RandomStream(seed: seed, "entropy")) { $0.child($1) }
        let bytes = (0..<byteCount).map { _ in UInt8(truncatingIfNeeded: stream.next()) }
        return bytes.withUnsafeBytes { SecretBytes($0) }
    }
}
