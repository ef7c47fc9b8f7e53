internal import Tensors

/// Sequences side by side in time-major order without padding: step t holds one position of every sequence longer than t,
/// longest sequence first, so that the rows of a step continue the first rows of the step before.
struct PackedBatch {
    /// How much there is of a batch.
    struct Size {
        let sequences: Int
        /// N.
        let positions: Int
        /// Positions of the longest sequence.
        let longest: Int
        /// Of a longer sequence only so many of the most recent positions are read.
        let limit: Int

        /// - Parameter hasTargets: for training: every event but the last is read, the one after it is the target. Otherwise all are read.
        init(_ sequences: ArraySlice<ArraySlice<Int32>>, hasTargets: Bool, limit: Int = .max) {
            var (positions, longest) = (0, 0)
            for sequence in sequences {
                let length = Self.length(sequence, hasTargets, limit)
                positions += length
                longest = max(longest, length)
            }
            self.sequences = sequences.count
            self.positions = positions
            self.longest = longest
            self.limit = limit
        }

        fileprivate static func length(_ sequence: ArraySlice<Int32>, _ hasTargets: Bool, _ limit: Int) -> Int {
            min(max(0, sequence.count - (hasTargets ? 1 : 0)), limit)
        }

        /// Floats a batch takes from the arena.
        var scratchCount: Int { sequences + 3 * (longest + 1) + 2 * positions }
    }

    let positionCount: Int
    let stepCount: Int
    /// The sequence in row r; those without positions are left out.
    private let order: UnsafeMutablePointer<Int32>
    /// Rows of step t, never increasing; 0 behind the last.
    private let counts: UnsafeMutablePointer<Int32>
    /// First position of step t; N behind the last.
    private let offsets: UnsafeMutablePointer<Int32>
    /// N items read.
    private let inputs: UnsafeMutablePointer<Int32>
    /// N items that follow; undefined when only reading.
    let targets: UnsafeMutablePointer<Int32>

    init(_ sequences: ArraySlice<ArraySlice<Int32>>, hasTargets: Bool, _ size: Size, arena: inout ScratchArena) {
        positionCount = size.positions
        stepCount = size.longest
        order = arena.takeIntegers(size.sequences)
        counts = arena.takeIntegers(size.longest + 1)
        offsets = arena.takeIntegers(size.longest + 1)
        inputs = arena.takeIntegers(size.positions)
        targets = arena.takeIntegers(size.positions)
        // As many sequences as are longer than t have a position in step t, and stand before those of t positions.
        let places = arena.takeIntegers(size.longest + 1)
        counts.update(repeating: 0, count: size.longest + 1)
        for sequence in sequences {
            let length = Size.length(sequence, hasTargets, size.limit)
            if length > 0 { counts[length - 1] += 1 }
        }
        for step in stride(from: size.longest - 1, to: 0, by: -1) { counts[step - 1] += counts[step] }
        places.update(from: counts, count: size.longest + 1)
        for (index, sequence) in sequences.enumerated() {
            let length = Size.length(sequence, hasTargets, size.limit)
            if length == 0 { continue }
            order[Int(places[length])] = Int32(index)
            places[length] += 1
        }
        var position = 0
        for step in 0..<size.longest {
            offsets[step] = Int32(position)
            for row in 0..<Int(counts[step]) {
                let sequence = sequences[sequences.startIndex + Int(order[row])]
                let event = sequence.endIndex - (hasTargets ? 1 : 0) - Size.length(sequence, hasTargets, size.limit) + step
                inputs[position] = sequence[event]
                if hasTargets { targets[position] = sequence[event + 1] }
                position += 1
            }
        }
        offsets[size.longest] = Int32(position)
    }

    /// N items read.
    var read: UnsafeBufferPointer<Int32> { UnsafeBufferPointer(start: inputs, count: positionCount) }

    /// Rows of a step.
    func rows(_ step: Int) -> Int { Int(counts[step]) }

    /// First position of a step.
    func start(_ step: Int) -> Int { Int(offsets[step]) }

    /// Gives every sequence that has positions, with its last one.
    func forEachEnd(_ body: (_ sequence: Int, _ position: Int) -> Void) {
        for step in 0..<stepCount {
            // Rows that the next step lacks end here.
            for row in rows(step + 1)..<rows(step) { body(Int(order[row]), start(step) + row) }
        }
    }
}
