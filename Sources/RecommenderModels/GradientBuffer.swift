internal import Tensors

/// A gradient in a model's layout that knows which rows of the item tables may be non-zero, so that a step over few items costs
/// as much as those items, not as the catalog.
public struct GradientBuffer: Sendable {
    /// d values.
    public package(set) var values: [Float]
    private var active: ActiveRows

    /// A zero gradient.
    public init(_ model: some Recommender) {
        values = [Float](repeating: 0, count: model.layout.count)
        active = ActiveRows(model.layout, itemTables: model.itemTables)
    }

    /// Declares that all rows of the table may be non-zero.
    package mutating func touchAll(_ table: Int) { active.tables[table].isDense = true }

    /// Declares that these rows of the table may be non-zero.
    mutating func touch(_ table: Int, rows: UnsafeBufferPointer<Int32>) { active.tables[table].touch(rows) }

    /// Declares that any value may be non-zero.
    package mutating func touchEverything() {
        for table in active.tables.indices { touchAll(table) }
    }

    /// The ranges of the buffer outside of which it is zero, in no particular order.
    public func forEachActiveRange(_ body: (Range<Int>) -> Void) { active.forEachRange(body) }

    /// The same ranges ascending, adjacent ones joined.
    public var activeRanges: [Range<Int>] {
        var ranges: [Range<Int>] = []
        writeActiveRanges(to: &ranges)
        return ranges
    }

    /// Replaces `ranges` by `activeRanges`, in the memory it has where that suffices.
    public func writeActiveRanges(to ranges: inout [Range<Int>]) { active.writeRanges(to: &ranges) }

    /// Gives every active range with its first value to change.
    public mutating func updateActiveRanges(_ body: (Range<Int>, UnsafeMutablePointer<Float>) -> Void) {
        values.withUnsafeMutableBufferPointer { values in
            active.forEachRange { body($0, values.baseAddress! + $0.lowerBound) }
        }
    }

    /// Adds the touched rows of another buffer of the same model to those of this one; the values stay.
    public mutating func formUnion(touchedBy other: GradientBuffer) {
        for (index, table) in other.active.tables.enumerated() {
            if table.isDense {
                touchAll(index)
            } else {
                table.rows.withUnsafeBufferPointer { touch(index, rows: $0) }
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

    /// Forgets which rows were touched, for a caller that has set their values to zero or will never read them.
    public mutating func forgetRows() { active.reset() }

    /// Zero again, at the cost of what was touched.
    public mutating func reset() {
        values.withUnsafeMutableBufferPointer { values in
            active.forEachRange { (values.baseAddress! + $0.lowerBound).update(repeating: 0, count: $0.count) }
        }
        active.reset()
    }
}
