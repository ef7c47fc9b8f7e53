/// Consecutive sequences that run through a transformer's blocks together.
struct SequenceChunk {
    /// Places among all sequences.
    let range: Range<Int>
    /// N.
    let positions: Int
    /// Positions of the longest sequence.
    let longest: Int

    /// Positions of a chunk, unless one sequence has more: few enough that a layer's activations stay in the second-level cache.
    static let limit = 1024

    /// Gives all sequences in chunks that have positions.
    /// - Parameters:
    ///   - hasTargets: of n + 1 events the first n are read. Otherwise all are read.
    ///   - maximumLength: of a longer sequence only so many of the most recent positions are read.
    static func forEach(_ sequences: [ArraySlice<Int32>], hasTargets: Bool, maximumLength: Int, _ body: (SequenceChunk) -> Void) {
        var start = 0
        while start < sequences.count {
            var (end, positions, longest) = (start, 0, 0)
            while end < sequences.count {
                let length = min(max(0, sequences[end].count - (hasTargets ? 1 : 0)), maximumLength)
                if end > start, positions + length > limit { break }
                positions += length
                longest = max(longest, length)
                end += 1
            }
            if positions > 0 { body(SequenceChunk(range: start..<end, positions: positions, longest: longest)) }
            start = end
        }
    }
}

extension SASRecDropout {
    /// - Parameter key: of all chunks; `nil` switches dropout off.
    init(_ configuration: SASRecConfiguration, key: UInt64?, chunk: SequenceChunk) {
        self.init(configuration: configuration, key: key.map { $0 ^ UInt64(chunk.range.lowerBound) &* 0xD1B5_4A32_D192_ED03 })
    }
}
