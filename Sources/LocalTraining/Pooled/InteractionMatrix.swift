internal import Interactions

/// Which user met which item, as compressed rows.
struct InteractionMatrix: Sendable {
    /// Row r is columns[offsets[r] ..< offsets[r + 1]], ascending and distinct.
    let offsets: [Int64]
    let columns: [Int32]
    let columnCount: Int

    var rowCount: Int { offsets.count - 1 }
    func count(of row: Int) -> Int { Int(offsets[row + 1] - offsets[row]) }

    init(offsets: [Int64], columns: [Int32], columnCount: Int) {
        self.offsets = offsets
        self.columns = columns
        self.columnCount = columnCount
    }

    /// Users × items.
    init(_ users: UserSequences, itemCount: Int) {
        var offsets: [Int64] = [0]
        var columns: [Int32] = []
        columns.reserveCapacity(users.eventCount)
        for user in 0..<users.userCount {
            let start = columns.count
            for item in users[user].sorted() where columns.count == start || columns[columns.count - 1] != item { columns.append(item) }
            offsets.append(Int64(columns.count))
        }
        self.init(offsets: offsets, columns: columns, columnCount: itemCount)
    }

    /// Items × users.
    var transposed: InteractionMatrix {
        var offsets = [Int64](repeating: 0, count: columnCount + 1)
        for column in columns { offsets[Int(column) + 1] += 1 }
        for column in 0..<columnCount { offsets[column + 1] += offsets[column] }
        var next = offsets
        var rows = [Int32](repeating: 0, count: columns.count)
        for row in 0..<rowCount {
            for place in Int(self.offsets[row])..<Int(self.offsets[row + 1]) {
                let column = Int(columns[place])
                rows[Int(next[column])] = Int32(row)
                next[column] += 1
            }
        }
        return InteractionMatrix(offsets: offsets, columns: rows, columnCount: rowCount)
    }
}
