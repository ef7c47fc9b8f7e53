internal import RecommenderModels

/// The active ranges of a gradient in blocks that several threads can work on, for operations on each value alone: their results depend
/// on neither the blocks nor the threads.
struct RangeBlocks: Sendable {
    /// Values of a block, at most.
    private static let size = 16_384
    /// Fewer values are worth no second thread.
    private static let smallest = 65_536

    private var ranges: [Range<Int>] = []
    private var blocks: [Range<Int>] = []
    private var total = 0

    /// Replaces the blocks by those of a gradient, in the memory there is where that suffices.
    mutating func cut(_ gradient: GradientBuffer) {
        gradient.writeActiveRanges(to: &ranges)
        cutRanges()
    }

    /// Replaces the blocks by those of so many values.
    mutating func cut(count: Int) {
        ranges.removeAll(keepingCapacity: true)
        ranges.append(0..<count)
        cutRanges()
    }

    private mutating func cutRanges() {
        blocks.removeAll(keepingCapacity: true)
        total = 0
        for range in ranges {
            for start in stride(from: range.lowerBound, to: range.upperBound, by: Self.size) {
                blocks.append(start..<min(start + Self.size, range.upperBound))
            }
            total += range.count
        }
    }

    /// Gives every block once; bodies must not write what others read.
    func forEach(workers: Int, _ body: (Range<Int>) -> Void) {
        let threads = total < Self.smallest ? 1 : workers
        blocks.withUnsafeBufferPointer { blocks in Parallel.forEach(blocks.count, workers: threads) { body(blocks[$0]) } }
    }
}
