internal import Tensors

/// A gradient in a model's layout that knows which rows of the item tables may be non-zero, so that a step over few items costs
/// as much as those items, not as the catalog.
public struct GradientBuffer: Sendable {
    /// Which rows of a table may be non-zero.
    struct Table: Sendable {
        let name: String
        let range: Range<Int>
        let width: Int
        /// All of them; `rows` is then not kept.
        var isDense = false
        var rows: [Int32] = []
        var isTouched: [Bool]
    }

    /// d values.
    public package(set) var values: [Float]
    var tables: [Table]
    /// What is not a table: always taken as non-zero.
    private let rest: [Range<Int>]

    /// A zero gradient.
    public init(_ model: some Recommender) { self.init(layout: model.layout, itemTables: model.itemTables) }

    init(layout: ParameterLayout, itemTables: [String]) {
        values = [Float](repeating: 0, count: layout.count)
        tables = layout.tensors.filter { itemTables.contains($0.name) }.map {
            Table(name: $0.name, range: $0.range, width: $0.rowWidth, isTouched: [Bool](repeating: false, count: $0.shape[0]))
        }
        rest = layout.tensors.filter { !itemTables.contains($0.name) }.map(\.range)
    }

    /// Declares that all rows of the table may be non-zero.
    mutating func touchAll(_ table: Int) { tables[table].isDense = true }

    /// Declares that these rows of the table may be non-zero.
    mutating func touch(_ table: Int, rows: UnsafeBufferPointer<Int32>) {
        if tables[table].isDense { return }
        for row in rows where !tables[table].isTouched[Int(row)] {
            tables[table].isTouched[Int(row)] = true
            tables[table].rows.append(row)
        }
    }

    /// The ranges of the buffer outside of which it is zero, in no particular order.
    public func forEachActiveRange(_ body: (Range<Int>) throws -> Void) rethrows {
        for range in rest { try body(range) }
        for table in tables {
            if table.isDense {
                try body(table.range)
            } else {
                for row in table.rows {
                    let start = table.range.lowerBound + Int(row) * table.width
                    try body(start..<start + table.width)
                }
            }
        }
    }

    /// The same ranges ascending, adjacent ones joined.
    public var activeRanges: [Range<Int>] {
        var ranges: [Range<Int>] = []
        forEachActiveRange { ranges.append($0) }
        ranges.sort { $0.lowerBound < $1.lowerBound }
        var joined: [Range<Int>] = []
        for range in ranges {
            if let last = joined.last, last.upperBound == range.lowerBound {
                joined[joined.count - 1] = last.lowerBound..<range.upperBound
            } else {
                joined.append(range)
            }
        }
        return joined
    }

    /// Gives every active range with its first value to change.
    public mutating func updateActiveRanges(_ body: (Range<Int>, UnsafeMutablePointer<Float>) -> Void) {
        values.withUnsafeMutableBufferPointer { values in
            forEachActiveRange { body($0, values.baseAddress! + $0.lowerBound) }
        }
    }

    /// Adds the touched rows of another buffer of the same model to those of this one; the values stay.
    public mutating func formUnion(touchedBy other: GradientBuffer) {
        for index in tables.indices {
            if other.tables[index].isDense {
                touchAll(index)
            } else {
                other.tables[index].rows.withUnsafeBufferPointer { touch(index, rows: $0) }
            }
        }
    }

    /// Adds another gradient of the same model.
    public mutating func add(_ other: GradientBuffer) {
        formUnion(touchedBy: other)
        values.withUnsafeMutableBufferPointer { values in
            other.values.withUnsafeBufferPointer { source in
                other.forEachActiveRange { Kernels.add(source.baseAddress! + $0.lowerBound, to: values.baseAddress! + $0.lowerBound, count: $0.count) }
            }
        }
    }

    /// Zero again, at the cost of what was touched.
    public mutating func reset() {
        values.withUnsafeMutableBufferPointer { values in
            forEachActiveRange { (values.baseAddress! + $0.lowerBound).update(repeating: 0, count: $0.count) }
        }
        for index in tables.indices {
            for row in tables[index].rows { tables[index].isTouched[Int(row)] = false }
            tables[index].rows.removeAll(keepingCapacity: true)
            tables[index].isDense = false
        }
    }
}
