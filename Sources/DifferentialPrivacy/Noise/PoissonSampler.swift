/// Each user of a node takes part in a round independently with probability q.
///
/// The sample must come from a noise source and never leave the node: the amplification that accountants credit to q < 1 holds only
/// while nobody else knows who took part.
public struct PoissonSampler: Sendable, Hashable {
    /// q; in (0, 1].
    public let rate: Double
    private let threshold: UInt64

    /// - Throws: ``PrivacyError`` (`invalidParameter`) when the rate is not in (0, 1].
    public init(rate: Double) throws {
        guard rate > 0, rate <= 1 else { throw PrivacyError(.invalidParameter, "the sampling rate must be in (0, 1], not \(rate)") }
        self.rate = rate
        // Rounded down to a multiple of 2⁻⁶⁴: a lower rate never costs more privacy.
        threshold = rate == 1 ? .max : UInt64(rate * 0x1p64)
    }

    /// Indices of the users that take part, ascending; everyone with q = 1.
    /// - Throws: what the stream throws.
    public func sample(userCount: Int, from stream: inout any NoiseStream) throws -> [Int] {
        precondition(userCount >= 0, "a count is not negative")
        if rate == 1 { return Array(0..<userCount) }
        var words = NoiseWords(stream, capacity: userCount + 1)
        var selected: [Int] = []
        for user in 0..<userCount where try words.next() < threshold { selected.append(user) }
        stream = words.finish()
        return selected
    }
}
