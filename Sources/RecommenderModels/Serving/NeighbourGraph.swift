internal import SeededRandom
internal import Tensors

/// The layers of a graph over the nodes 0 ..< V. The nodes of a layer are the first ones: those of the highest layer come first.
struct NeighbourGraph: Sendable {
    /// Width of a stored vector: D and the bias, padded to whole cache lines.
    let width: Int
    /// V × width: an item's vector and its bias less the mean bias, which shifts all scores alike.
    let vectors: [Float]
    /// M.
    let linkCount: Int
    /// Nodes of each layer, the lowest first.
    let counts: [Int]
    /// Links of each layer's nodes, rows of ``slots(_:)``, −1 behind the last.
    var links: [[Int32]]

    init(_ items: ItemVectors, order: [Int32], counts: [Int], links: Int) {
        let D = items.width
        let width = (D + (items.biases.isEmpty ? 0 : 1) + 15) / 16 * 16
        let mean = Float(items.biases.reduce(0) { $0 + Double($1) } / Double(max(1, items.biases.count)))
        vectors = [Float](unsafeUninitializedCapacity: order.count * width) { out, count in
            out.initialize(repeating: 0)
            for (node, item) in order.enumerated() {
                for column in 0..<D { out[node * width + column] = items.vectors[Int(item) * D + column] }
                if !items.biases.isEmpty { out[node * width + D] = items.biases[Int(item)] - mean }
            }
            count = order.count * width
        }
        self.width = width
        self.counts = counts
        linkCount = links
        self.links = counts.enumerated().map { layer, count in [Int32](repeating: -1, count: count * (layer == 0 ? 2 * links : links)) }
    }

    /// The most links of a node on a layer.
    func slots(_ layer: Int) -> Int { layer == 0 ? 2 * linkCount : linkCount }

    /// A query as wide as the stored vectors, with `last` where they have the bias.
    func padded(_ values: ArraySlice<Float>, last: Float) -> [Float] {
        var query = values + [Float](repeating: 0, count: width - values.count)
        if last != 0 { query[query.startIndex + values.count] = last }
        return Array(query)
    }

    /// Walks from the first node of the highest layer down to the given one, greedily above it and keeping `width` nodes on it.
    func descend(to layer: Int, query: [Float], width: Int, walk: inout GraphWalk) {
        walk.start(at: 0, query: query, vectors: vectors)
        for above in stride(from: counts.count - 1, to: layer, by: -1) { advance(on: above, query: query, width: 1, walk: &walk) }
        advance(on: layer, query: query, width: width, walk: &walk)
    }

    /// Continues a walk on a layer from what was found above.
    func advance(on layer: Int, query: [Float], width: Int, walk: inout GraphWalk) {
        walk.advance(capacity: width, query: query, vectors: vectors, links: links[layer], slots: slots(layer), count: counts[layer])
    }
}

/// Which items stand on which layers: an item reaches the next layer with probability 1/M, and every layer's items come first.
struct RandomLayers {
    /// The item of each node.
    let order: [Int32]
    /// Nodes of each layer, the lowest first.
    let counts: [Int]

    init(count: Int, links: Int, seed: UInt64) {
        var numbers = RandomStream(seed: seed, "hnsw")
        var items = Array(0..<Int32(count))
        numbers.shuffle(&items)
        var byHeight: [[Int32]] = [[]]
        for item in items {
            var height = 0
            while numbers.below(links) == 0 { height += 1 }
            while byHeight.count <= height { byHeight.append([]) }
            byHeight[height].append(item)
        }
        order = byHeight.reversed().flatMap { $0 }
        counts = byHeight.indices.map { layer in byHeight[layer...].reduce(0) { $0 + $1.count } }
    }
}
