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

    /// How much there is of a batch.
    struct Size {
        fileprivate(set) var runs = 0
        /// M.
        fileprivate(set) var events = 0
        /// N.
        fileprivate(set) var positions = 0
        /// The most positions of one sequence.
        fileprivate(set) var longest = 0

        /// For training: every event but the last is read, and behind each the next one is the target.
        init(training sequences: [ArraySlice<Int32>]) {
            for sequence in sequences where sequence.count >= 2 { add(events: sequence.count - 1, positions: sequence.count - 1) }
        }

        /// For queries: the last `window` events of each history and the position behind them.
        init(reading histories: ArraySlice<ArraySlice<Int32>>, window: Int) {
            for history in histories { add(events: min(history.count, window), positions: 1) }
        }

        private mutating func add(events: Int, positions: Int) {
            runs += 1
            self.events += events
            self.positions += positions
            longest = max(longest, positions)
        }

        /// Floats a batch takes from the arena.
        var scratchCount: Int { 4 * runs + events + positions }
    }

    let size: Size
    /// Four numbers of each run.
    private let runs: UnsafeMutablePointer<Int32>
    private let itemsRead: UnsafeMutablePointer<Int32>
    private let itemsFollowing: UnsafeMutablePointer<Int32>

    private init(_ size: Size, _ arena: inout ScratchArena) {
        self.size = size
        runs = arena.takeIntegers(4 * size.runs)
        itemsRead = arena.takeIntegers(size.events)
        itemsFollowing = arena.takeIntegers(size.positions)
    }

    /// - Parameter size: of the same sequences.
    init(training sequences: [ArraySlice<Int32>], _ size: Size, arena: inout ScratchArena) {
        self.init(size, &arena)
        var (run, event) = (0, 0)
        for sequence in sequences where sequence.count >= 2 {
            set(run, event: event, position: event, first: 0, positionCount: sequence.count - 1)
            for index in sequence.indices.dropLast() {
                itemsRead[event] = sequence[index]
                itemsFollowing[event] = sequence[index + 1]
                event += 1
            }
            run += 1
        }
    }

    /// - Parameter size: of the same histories.
    init(reading histories: ArraySlice<ArraySlice<Int32>>, window: Int, _ size: Size, arena: inout ScratchArena) {
        self.init(size, &arena)
        var event = 0
        for (run, history) in histories.enumerated() {
            let read = history.suffix(window)
            set(run, event: event, position: run, first: read.count - 1, positionCount: 1)
            for item in read {
                itemsRead[event] = item
                event += 1
            }
        }
    }

    private func set(_ run: Int, event: Int, position: Int, first: Int, positionCount: Int) {
        let place = runs + 4 * run
        place[0] = Int32(event)
        place[1] = Int32(position)
        place[2] = Int32(first)
        place[3] = Int32(positionCount)
    }

    /// N.
    var positionCount: Int { size.positions }
    /// M items read.
    var items: UnsafeBufferPointer<Int32> { UnsafeBufferPointer(start: itemsRead, count: size.events) }
    /// N items that follow the positions; undefined when only reading.
    var targets: UnsafeBufferPointer<Int32> { UnsafeBufferPointer(start: itemsFollowing, count: size.positions) }

    func forEachRun(_ body: (Run) -> Void) {
        for run in 0..<size.runs {
            let place = runs + 4 * run
            body(Run(event: Int(place[0]), position: Int(place[1]), first: Int(place[2]), positionCount: Int(place[3])))
        }
    }
}
