/// A batch in parts of about equal work: longest sequences dealt first, in turn. How many parts there are depends on the batch's size only.
struct BatchPieces: Sendable {
    /// The most parts.
    static let limit = 8
    /// Sequences of a part, so that dealing pays.
    private static let smallest = 16

    private(set) var count = 0
    private var parts = [[ArraySlice<Int32>]](repeating: [], count: BatchPieces.limit)
    /// How many sequences are longer than each length; then where the next of that length stands.
    private var places: [Int] = []
    private var order: [Int] = []

    subscript(part: Int) -> [ArraySlice<Int32>] { parts[part] }

    /// Replaces the parts, in the memory they have where that suffices.
    mutating func deal(_ batch: [ArraySlice<Int32>]) {
        count = min(max(batch.count / Self.smallest, 1), Self.limit)
        for part in parts.indices { parts[part].removeAll(keepingCapacity: true) }
        sort(batch)
        for (rank, index) in order.enumerated() { parts[rank % count].append(batch[index]) }
    }

    /// Longest first; of equal length in the batch's order.
    private mutating func sort(_ batch: [ArraySlice<Int32>]) {
        var longest = 0
        for sequence in batch { longest = max(longest, sequence.count) }
        places.removeAll(keepingCapacity: true)
        for _ in 0...longest { places.append(0) }
        for sequence in batch where !sequence.isEmpty { places[sequence.count - 1] += 1 }
        for length in stride(from: longest - 1, to: 0, by: -1) { places[length - 1] += places[length] }
        order.removeAll(keepingCapacity: true)
        for _ in batch { order.append(0) }
        for (index, sequence) in batch.enumerated() {
            order[places[sequence.count]] = index
            places[sequence.count] += 1
        }
    }
}
