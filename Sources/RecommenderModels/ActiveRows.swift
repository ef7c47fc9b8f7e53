internal import Tensors

/// Which parts of a buffer in a model's layout may be non-zero.
struct ActiveRows: Sendable {
    /// One item table.
    struct Table: Sendable {
        let range: Range<Int>
        let width: Int
        /// All rows; `rows` then says nothing.
        var isDense = false
        private(set) var rows: [Int32] = []
        private var isTouched: [Bool]

        init(_ tensor: ParameterLayout.Tensor) {
            range = tensor.range
            width = tensor.rowWidth
            isTouched = [Bool](repeating: false, count: tensor.shape[0])
        }

        mutating func touch(_ touched: UnsafeBufferPointer<Int32>) {
            if isDense { return }
            for row in touched where !isTouched[Int(row)] {
                isTouched[Int(row)] = true
                rows.append(row)
            }
        }

        mutating func reset() {
            for row in rows { isTouched[Int(row)] = false }
            rows.removeAll(keepingCapacity: true)
            isDense = false
        }
    }

    var tables: [Table]
    /// What is not an item table: always active.
    let rest: [Range<Int>]

    init(_ layout: ParameterLayout, itemTables: [String]) {
        tables = layout.tensors.filter { itemTables.contains($0.name) }.map(Table.init)
        rest = layout.tensors.filter { !itemTables.contains($0.name) }.map(\.range)
    }

    func forEachRange(_ body: (Range<Int>) -> Void) {
        for range in rest { body(range) }
        for table in tables {
            if table.isDense {
                body(table.range)
            } else {
                for row in table.rows {
                    let start = table.range.lowerBound + Int(row) * table.width
                    body(start..<start + table.width)
                }
            }
        }
    }

    mutating func reset() {
        for index in tables.indices { tables[index].reset() }
    }
}
