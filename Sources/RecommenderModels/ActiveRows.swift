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
        /// A bit per row.
        private var marks: [UInt64]

        init(_ tensor: ParameterLayout.Tensor) {
            range = tensor.range
            width = tensor.rowWidth
            marks = [UInt64](repeating: 0, count: (tensor.shape[0] + 63) / 64)
        }

        mutating func touch(_ touched: UnsafeBufferPointer<Int32>) {
            if isDense { return }
            for row in touched {
                let (word, bit) = (Int(row) >> 6, UInt64(1) << UInt64(row & 63))
                if marks[word] & bit == 0 {
                    marks[word] |= bit
                    rows.append(row)
                }
            }
        }

        mutating func reset() {
            for row in rows { marks[Int(row) >> 6] = 0 }
            rows.removeAll(keepingCapacity: true)
            isDense = false
        }

        /// Runs of touched rows, ascending.
        func forEachRun(_ body: (Range<Int>) -> Void) {
            if rows.isEmpty { return }
            for (index, mark) in marks.enumerated() where mark != 0 {
                var (left, first) = (mark, index << 6)
                while left != 0 {
                    let gap = left.trailingZeroBitCount
                    let length = (~(left >> UInt64(gap))).trailingZeroBitCount
                    let start = range.lowerBound + (first + gap) * width
                    body(start..<start + length * width)
                    left = gap + length == 64 ? 0 : left >> UInt64(gap + length)
                    first += gap + length
                }
            }
        }
    }

    var tables: [Table]
    /// What is not an item table: always active.
    let rest: [Range<Int>]
    /// All tensors in their order: an index of `tables`, or a range of `rest`.
    private let parts: [(table: Int?, range: Range<Int>)]

    init(_ layout: ParameterLayout, itemTables: [String]) {
        tables = layout.tensors.filter { itemTables.contains($0.name) }.map(Table.init)
        rest = layout.tensors.filter { !itemTables.contains($0.name) }.map(\.range)
        let starts = tables.map(\.range)
        parts = layout.tensors.map { tensor in (starts.firstIndex(of: tensor.range), tensor.range) }
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

    /// Replaces `ranges` by the active ranges, ascending, adjacent ones joined; allocates only where `ranges` is too short.
    func writeRanges(to ranges: inout [Range<Int>]) {
        ranges.removeAll(keepingCapacity: true)
        func append(_ range: Range<Int>) {
            if let last = ranges.last, last.upperBound == range.lowerBound {
                ranges[ranges.count - 1] = last.lowerBound..<range.upperBound
            } else {
                ranges.append(range)
            }
        }
        for part in parts {
            if let table = part.table, !tables[table].isDense {
                tables[table].forEachRun(append)
            } else {
                append(part.range)
            }
        }
    }

    mutating func reset() {
        for index in tables.indices { tables[index].reset() }
    }
}
