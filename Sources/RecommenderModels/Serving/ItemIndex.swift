internal import Tensors

/// Finds the items with the highest scores, query · vector + bias, among the vectors of a model version.
public protocol ItemIndex: Sendable {
    /// The vectors searched.
    var items: ItemVectors { get }

    /// The best items for one query, best first; equal scores in order of index. Fewer come back when fewer are not excluded.
    /// - Parameters:
    ///   - count: how many; ≥ 1.
    ///   - query: D values.
    ///   - excluded: items left out, such as those the user has met; in any order.
    func best(_ count: Int, for query: [Float], excluding excluded: [Int32]) async -> [RankedItem]

    /// The same for many queries at once, in their order.
    /// - Parameters:
    ///   - queries: row-major B × D.
    ///   - excluded: B lists.
    func best(_ count: Int, forEach queries: [Float], excluding excluded: [[Int32]]) async -> [[RankedItem]]
}

/// An item's index and its score.
public struct RankedItem: Sendable, Hashable {
    public var item: Int32
    public var score: Float

    public init(item: Int32, score: Float) {
        self.item = item
        self.score = score
    }
}

extension ItemVectors {
    /// V.
    public var count: Int { vectors.count / width }
}

extension ItemVectors {
    /// The score of one item: query · vector + bias, as every index computes it.
    /// - Parameter query: D values.
    public func score(of item: Int, for query: [Float]) -> Float {
        precondition((0..<count).contains(item) && query.count == width, "an item of these vectors and a query as wide as they are")
        return vectors.withUnsafeBufferPointer { table in
            guard let start = table.baseAddress else { return 0 }
            return Kernels.rowProduct(query, start + item * width, width: width) + (biases.isEmpty ? 0 : biases[item])
        }
    }
}
