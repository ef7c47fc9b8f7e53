internal import CKernels

/// A best-first walk over a graph of near neighbours, with memory that is reused from walk to walk.
///
/// The graph's nodes are rows of one table of vectors; the nearer of two has the larger product with the query.
public struct GraphWalk: Sendable {
    private var scores: [Float] = []
    private var nodes: [Int32] = []
    private var visited: [UInt64] = []
    private var held = 0

    public init() {}

    /// The nodes found, best first, and their products with the query.
    public var found: (nodes: ArraySlice<Int32>, scores: ArraySlice<Float>) { (nodes[..<held], scores[..<held]) }

    /// Begins at one node.
    public mutating func start(at node: Int32, query: [Float], vectors: [Float]) {
        reserve(1)
        held = 1
        nodes[0] = node
        vectors.withUnsafeBufferPointer { vectors in
            guard let table = vectors.baseAddress else { return }
            scores[0] = Kernels.rowProduct(query, table + Int(node) * query.count, width: query.count)
        }
    }

    /// Continues from the nodes found so far to those with the largest products with the query (Malkov and Yashunin 2018, algorithm 2).
    /// - Parameters:
    ///   - capacity: ef, how many nodes are kept, ≥ 1; the best ones of those found before.
    ///   - vectors: nodes × query.count, row-major.
    ///   - links: a row of `slots` nodes for each of the first `count` nodes, which link to each other only; −1 ends a row.
    ///   - slots: at most 256.
    public mutating func advance(capacity: Int, query: [Float], vectors: [Float], links: [Int32], slots: Int, count: Int) {
        precondition((1...256).contains(slots) && links.count >= count * slots && vectors.count >= count * query.count, "links and vectors of every node")
        reserve(capacity)
        held = min(held, capacity)
        let words = (count + 63) / 64
        if visited.count < words { visited = [UInt64](repeating: 0, count: words) }
        visited.withUnsafeMutableBufferPointer { visited in
            visited[..<words].update(repeating: 0)
            scores.withUnsafeMutableBufferPointer { scores in
                nodes.withUnsafeMutableBufferPointer { nodes in
                    var pool = tributary_pool(capacity: Int64(capacity), held: Int64(held), scores: scores.baseAddress, nodes: nodes.baseAddress)
                    tributary_graph_walk(Int64(query.count), vectors, query, Int64(slots), links, visited.baseAddress, &pool)
                    held = Int(pool.held)
                }
            }
        }
    }

    private mutating func reserve(_ capacity: Int) {
        if nodes.count >= capacity { return }
        nodes += [Int32](repeating: 0, count: capacity - nodes.count)
        scores += [Float](repeating: 0, count: capacity - scores.count)
    }
}

extension Kernels {
    /// Of nodes near a base node those that are no nearer to one chosen before than to the base (Malkov and Yashunin 2018, algorithm 4).
    /// - Parameters:
    ///   - nodes: in descending order of `scores`, their products with the base.
    ///   - vectors: row-major, `width` values a node.
    ///   - limit: how many are chosen at most.
    public static func diverse(
        _ nodes: ArraySlice<Int32>, scores: ArraySlice<Float>, limit: Int, vectors: [Float], width: Int
    ) -> [Int32] {
        precondition(nodes.count == scores.count, "a score for each node")
        return [Int32](unsafeUninitializedCapacity: limit) { chosen, count in
            nodes.withUnsafeBufferPointer { nodes in
                scores.withUnsafeBufferPointer { scores in
                    guard let start = nodes.baseAddress, let values = scores.baseAddress else { return }
                    count = Int(tributary_graph_select(Int64(width), vectors, Int64(nodes.count), values, start, Int64(limit), chosen.baseAddress))
                }
            }
        }
    }

    /// The products of a row of the table with others.
    /// - Parameter vectors: row-major, `width` values a row.
    public static func products(of row: Int, with rows: [Int32], vectors: [Float], width: Int) -> [Float] {
        [Float](unsafeUninitializedCapacity: rows.count) { out, count in
            vectors.withUnsafeBufferPointer { table in
                guard let start = table.baseAddress, let scores = out.baseAddress else { return }
                tributary_graph_products(Int64(width), start, start + row * width, Int64(rows.count), rows, scores)
            }
            count = rows.count
        }
    }
}
