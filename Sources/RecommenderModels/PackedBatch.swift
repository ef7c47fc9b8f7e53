/// Sequences side by side in time-major order without padding: step t holds one position of every sequence longer than t,
/// longest sequence first, so that the rows of a step continue the first rows of the step before.
struct PackedBatch {
    /// The sequence in row r.
    let order: [Int]
    /// Rows of step t, never increasing.
    let counts: [Int]
    /// First position of step t; N behind the last.
    let offsets: [Int]
    /// N items read.
    let inputs: [Int32]
    /// N items that follow, or empty.
    let targets: [Int32]

    var positionCount: Int { inputs.count }
    var stepCount: Int { counts.count }

    /// For training: every event but the last is read, the one after it is the target.
    init(training sequences: [ArraySlice<Int32>]) {
        self.init(sequences, lengths: sequences.map { max(0, $0.count - 1) }, hasTargets: true)
    }

    /// For scores: every event is read.
    init(reading sequences: [ArraySlice<Int32>]) { self.init(sequences, lengths: sequences.map(\.count), hasTargets: false) }

    private init(_ sequences: [ArraySlice<Int32>], lengths: [Int], hasTargets: Bool) {
        let order = sequences.indices.filter { lengths[$0] > 0 }.sorted { (lengths[$1], $0) < (lengths[$0], $1) }
        var counts: [Int] = []
        var offsets = [0]
        var inputs: [Int32] = []
        var targets: [Int32] = []
        let total = lengths.reduce(0, +)
        inputs.reserveCapacity(total)
        if hasTargets { targets.reserveCapacity(total) }
        var rows = order.count
        for step in 0..<(order.first.map { lengths[$0] } ?? 0) {
            while rows > 0, lengths[order[rows - 1]] <= step { rows -= 1 }
            for row in 0..<rows {
                let sequence = sequences[order[row]]
                inputs.append(sequence[sequence.startIndex + step])
                if hasTargets { targets.append(sequence[sequence.startIndex + step + 1]) }
            }
            counts.append(rows)
            offsets.append(inputs.count)
        }
        self.order = order
        self.counts = counts
        self.offsets = offsets
        self.inputs = inputs
        self.targets = targets
    }
}
