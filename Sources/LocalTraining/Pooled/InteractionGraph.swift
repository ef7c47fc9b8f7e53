internal import Tensors

/// Who met what, as a graph with an edge for each pair, both ways in compressed rows.
struct InteractionGraph: Sendable {
    /// The edges of one side's rows.
    struct Rows: Sendable {
        /// Where each row starts in `columns`; one more than rows.
        var starts: [Int] = [0]
        /// Ascending within a row.
        var columns: [Int32] = []
        /// n^(−½) of each row, 0 for rows without edges.
        var scales: [Float] = []

        var count: Int { scales.count }
        subscript(row: Int) -> ArraySlice<Int32> { columns[starts[row]..<starts[row + 1]] }
    }
    enum Side: Sendable { case users, items }

    let users: Rows
    let items: Rows

    init(_ events: [ArraySlice<Int32>], itemCount: Int) {
        var users = Rows()
        var degrees = [Int](repeating: 0, count: itemCount)
        for user in events {
            let met = Set(user).sorted()
            users.columns += met
            users.starts.append(users.columns.count)
            users.scales.append(met.isEmpty ? 0 : 1 / Float(met.count).squareRoot())
            for item in met { degrees[Int(item)] += 1 }
        }
        var items = Rows()
        for degree in degrees {
            items.starts.append(items.starts[items.starts.count - 1] + degree)
            items.scales.append(degree == 0 ? 0 : 1 / Float(degree).squareRoot())
        }
        items.columns = [Int32](repeating: 0, count: users.columns.count)
        var next = items.starts
        for user in 0..<users.count {
            for item in users[user] {
                items.columns[next[Int(item)]] = Int32(user)
                next[Int(item)] += 1
            }
        }
        self.users = users
        self.items = items
    }

    /// One layer: row r becomes Σ x_c ∕ √(n_r n_c) over its edges (He et al. 2020, eq. 3), for rows of one side from those of the other.
    ///
    /// Every row is computed by itself, so that the number of workers cannot change it.
    /// - Parameter x: rows of the other side × width.
    func propagated(_ x: [Float], to side: Side, width: Int, workers: Int) async -> [Float] {
        let rows = side == .users ? users : items
        let columnScales = side == .users ? items.scales : users.scales
        let blocks = min(64, max(1, rows.count))
        let parts = await withTaskGroup(of: [(Int, [Float])].self) { group in
            for worker in 0..<min(workers, blocks) {
                group.addTask {
                    stride(from: worker, to: blocks, by: workers).map { block in
                        let range = block * rows.count / blocks..<(block + 1) * rows.count / blocks
                        return (block, Self.product(rows, range, x, columnScales, width))
                    }
                }
            }
            return await group.reduce(into: []) { $0 += $1 }
        }
        var out: [Float] = []
        out.reserveCapacity(rows.count * width)
        for (_, part) in parts.sorted(by: { $0.0 < $1.0 }) { out += part }
        return out
    }

    private static func product(_ rows: Rows, _ range: Range<Int>, _ x: [Float], _ columnScales: [Float], _ width: Int) -> [Float] {
        var out = [Float](repeating: 0, count: range.count * width)
        out.withUnsafeMutableBufferPointer { out in
            x.withUnsafeBufferPointer { x in
                guard let target = out.baseAddress, let source = x.baseAddress else { return }
                for row in range {
                    let place = target + (row - range.lowerBound) * width
                    for column in rows[row] {
                        Kernels.axpy(rows.scales[row] * columnScales[Int(column)], source + Int(column) * width, to: place, count: width)
                    }
                }
            }
        }
        return out
    }
}
