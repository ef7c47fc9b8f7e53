internal import Tensors

extension NeighbourGraph {
    /// A batch is a sixteenth of what is there, so that few nodes miss a neighbour because it comes with them.
    private static let share = 16
    private static let largestBatch = 4096

    /// Adds the nodes in batches. The nodes of a batch look for neighbours in the graph before the batch, each alone; then every node
    /// that was chosen makes up its links anew, each alone. The graph does not depend on who does which part.
    /// - Parameter candidates: ef of construction.
    mutating func build(candidates: Int, workers: Int) async {
        let V = counts[0]
        var done = min(1, V)
        while done < V {
            let batch = done..<min(V, done + max(1, min(done / Self.share, Self.largestBatch)))
            let chosen = await neighbours(of: batch, candidates: candidates, workers: workers)
            for row in chosen { set(row) }
            for layer in counts.indices {
                let pairs = chosen.lazy.filter { $0.layer == layer }.flatMap { row in row.neighbours.map { Link(from: $0, to: row.node) } }.sorted()
                if pairs.isEmpty { continue }
                for row in await rows(adding: pairs, on: layer, workers: workers) { set(row) }
            }
            done = batch.upperBound
        }
    }

    /// The links of a node on a layer.
    private struct Row: Sendable {
        let node: Int32
        let layer: Int
        let neighbours: [Int32]
    }

    private struct Link: Comparable {
        let from: Int32
        let to: Int32
        static func < (left: Link, right: Link) -> Bool { (left.from, left.to) < (right.from, right.to) }
    }

    private mutating func set(_ row: Row) {
        let slots = slots(row.layer)
        let start = Int(row.node) * slots
        for slot in 0..<slots { links[row.layer][start + slot] = slot < row.neighbours.count ? row.neighbours[slot] : -1 }
    }

    /// The neighbours that new nodes choose on each of their layers among the nodes that are linked already.
    private func neighbours(of nodes: Range<Int>, candidates: Int, workers: Int) async -> [Row] {
        await Self.concatenated(nodes, workers: workers) { nodes in
            var rows: [Row] = []
            var walk = GraphWalk()
            for node in nodes {
                let query = Array(vectors[node * width..<(node + 1) * width])
                walk.start(at: 0, query: query, vectors: vectors)
                for layer in counts.indices.reversed() {
                    let isOn = node < counts[layer]
                    advance(on: layer, query: query, width: isOn ? candidates : 1, walk: &walk)
                    if !isOn { continue }
                    let (found, scores) = walk.found
                    rows.append(
                        Row(
                            node: Int32(node), layer: layer,
                            neighbours: Kernels.diverse(found, scores: scores, limit: linkCount, vectors: vectors, width: width)))
                }
            }
            return rows
        }
    }

    /// The new links of the nodes that `pairs` start from: the old ones and the added, or the diverse among them where they are too many.
    /// - Parameter pairs: in order.
    private func rows(adding pairs: [Link], on layer: Int, workers: Int) async -> [Row] {
        let starts = pairs.indices.filter { $0 == 0 || pairs[$0].from != pairs[$0 - 1].from } + [pairs.count]
        let slots = slots(layer)
        return await Self.concatenated(0..<starts.count - 1, workers: workers) { groups in
            groups.map { group in
                let node = pairs[starts[group]].from
                let held = links[layer][Int(node) * slots..<(Int(node) + 1) * slots].prefix { $0 >= 0 }
                let all = held + pairs[starts[group]..<starts[group + 1]].map(\.to)
                if all.count <= slots { return Row(node: node, layer: layer, neighbours: Array(all)) }
                let scores = Kernels.products(of: Int(node), with: Array(all), vectors: vectors, width: width)
                let nearest = zip(all, scores).sorted { ($1.1, $0.0) < ($0.1, $1.0) }
                return Row(
                    node: node, layer: layer,
                    neighbours: Kernels.diverse(nearest.map(\.0)[...], scores: nearest.map(\.1)[...], limit: slots, vectors: vectors, width: width))
            }
        }
    }

    /// What the parts of a range give, in its order.
    private static func concatenated<Element: Sendable>(
        _ range: Range<Int>, workers: Int, _ part: @escaping @Sendable (Range<Int>) -> [Element]
    ) async -> [Element] {
        let shares = min(workers, range.count)
        if shares <= 1 { return part(range) }
        return await withTaskGroup(of: (Int, [Element]).self) { group in
            for share in 0..<shares {
                let piece = range.lowerBound + range.count * share / shares..<range.lowerBound + range.count * (share + 1) / shares
                group.addTask { (share, part(piece)) }
            }
            return await group.reduce(into: []) { $0.append($1) }.sorted { $0.0 < $1.0 }.flatMap(\.1)
        }
    }
}
