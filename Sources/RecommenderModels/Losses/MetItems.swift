internal import Tensors

/// Items that are no candidates at a position because the user met them: what is served leaves them out as well, so that a
/// model need not learn to push them down.
struct MetItems {
    /// The items of all sequences, each sequence's together.
    let items: UnsafePointer<Int32>
    /// Two for each of the N positions: where its items begin and end.
    let ranges: UnsafePointer<Int32>

    /// A score so low that its exponential vanishes beside any other.
    private static let outOfReach: Float = -10_000

    /// Takes the items out of the scores of a block of positions; the targets stay.
    /// - Parameters:
    ///   - scores: V × r, a row for each item.
    ///   - first: the block's first position.
    ///   - targets: of the block's r positions.
    func remove(from scores: UnsafeMutablePointer<Float>, first: Int, targets: UnsafePointer<Int32>, count r: Int) {
        for column in 0..<r {
            let position = first + column
            let kept = scores[Int(targets[column]) * r + column]
            for index in Int(ranges[2 * position])..<Int(ranges[2 * position + 1]) { scores[Int(items[index]) * r + column] = Self.outOfReach }
            scores[Int(targets[column]) * r + column] = kept
        }
    }
}
