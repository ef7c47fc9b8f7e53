internal import Tensors

/// Sequences one behind the other: the events read, and the positions behind them that are computed.
struct CaserBatch {
    struct Run {
        /// Index of the sequence's first event and of its first position.
        let event, position: Int
        /// The event, counted from the sequence's first, that the first position lies behind; −1 for a history without events.
        let first: Int
        let positionCount: Int
    }
    private(set) var runs: [Run] = []
    /// M items read.
    private(set) var items: [Int32] = []
    /// N items that follow the positions, or empty.
    private(set) var targets: [Int32] = []
    private(set) var positionCount = 0
    /// The most positions of one sequence.
    private(set) var longest = 0

    /// For training: every event but the last is read, and behind each the next one is the target.
    init(training sequences: [ArraySlice<Int32>]) {
        for sequence in sequences where sequence.count >= 2 {
            append(sequence.dropLast(), first: 0)
            targets += sequence.dropFirst()
        }
    }

    /// For queries: the last `window` events of each history and the position behind them.
    init(reading histories: ArraySlice<ArraySlice<Int32>>, window: Int) {
        for history in histories {
            let events = history.suffix(window)
            append(events, first: events.count - 1)
        }
    }

    private mutating func append(_ events: ArraySlice<Int32>, first: Int) {
        let count = events.count - max(first, 0) + (events.isEmpty ? 1 : 0)
        runs.append(Run(event: items.count, position: positionCount, first: first, positionCount: count))
        items += events
        positionCount += count
        longest = max(longest, count)
    }
}
