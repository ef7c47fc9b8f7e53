internal import Tensors

/// Sequences one behind the other without padding.
struct RaggedBatch {
    /// B; none of the sequences is empty.
    let sequenceCount: Int
    /// N.
    let positionCount: Int
    /// Length of the longest sequence.
    let longest: Int
    /// B + 1 values: the first position of every sequence, and N.
    let starts: UnsafeMutablePointer<Int32>
    /// N items read.
    let inputs: UnsafeMutablePointer<Int32>
    /// N items that follow; undefined when only reading.
    let targets: UnsafeMutablePointer<Int32>
    /// N rows of the table of positions.
    let places: UnsafeMutablePointer<Int32>

    /// Floats a batch takes from the arena.
    static func scratchCount(sequences: Int, positions: Int) -> Int { sequences + 1 + 3 * positions }

    /// - Parameters:
    ///   - hasTargets: for training: of n + 1 events the first n are read and the last n are targets. Otherwise all are read.
    ///   - limit: of a longer sequence only so many of the most recent positions are read.
    init(
        _ sequences: ArraySlice<ArraySlice<Int32>>, hasTargets: Bool, limit: Int, order: PositionOrder, arena: inout ScratchArena
    ) {
        let extra = hasTargets ? 1 : 0
        let total = sequences.reduce(0) { $0 + min(max(0, $1.count - extra), limit) }
        starts = arena.takeIntegers(sequences.count + 1)
        inputs = arena.takeIntegers(total)
        targets = arena.takeIntegers(total)
        places = arena.takeIntegers(total)
        starts[0] = 0
        var (count, position, longest) = (0, 0, 0)
        for sequence in sequences {
            let length = min(max(0, sequence.count - extra), limit)
            if length == 0 { continue }
            let first = sequence.endIndex - extra - length
            for step in 0..<length {
                inputs[position + step] = sequence[first + step]
                if hasTargets { targets[position + step] = sequence[first + step + 1] }
                places[position + step] = Int32(order == .mostRecentFirst ? length - 1 - step : step)
            }
            position += length
            count += 1
            starts[count] = Int32(position)
            longest = max(longest, length)
        }
        sequenceCount = count
        positionCount = position
        self.longest = longest
    }

    /// The positions of one sequence.
    func range(_ sequence: Int) -> Range<Int> { Int(starts[sequence])..<Int(starts[sequence + 1]) }
}
