internal import CKernels

/// The best rows of a table by score, kept while scores are computed: higher is better, and of equal scores the earlier row.
///
/// The list does not depend on how the table was divided into offers or over lists that are merged later.
public struct BestRows: Sendable {
    /// The most rows kept; ≥ 1.
    public let capacity: Int
    private let excluded: [Int32]
    private var held = 0
    private var scores: [Float]
    private var rows: [Int32]

    /// - Parameters:
    ///   - capacity: the most rows kept; ≥ 1.
    ///   - excluded: rows that are never kept, in any order.
    public init(capacity: Int, excluding excluded: [Int32] = []) {
        precondition(capacity >= 1, "a list of the best rows keeps at least one")
        self.capacity = capacity
        self.excluded = excluded.sorted()
        scores = [Float](repeating: 0, count: capacity)
        rows = [Int32](repeating: 0, count: capacity)
    }

    /// Offers the rows of a table, row-major N × width, by their product with the query plus their bias. A row's score does not
    /// depend on where it stands; one that is not a number is passed over.
    /// - Parameters:
    ///   - range: the rows offered; ranges must come in ascending order.
    ///   - biases: N values, or empty for none.
    public mutating func offer(_ range: Range<Int>, of table: [Float], width: Int, biases: [Float], query: [Float]) {
        precondition(query.count == width && range.lowerBound >= 0 && range.upperBound * width <= table.count, "the rows are in the table")
        precondition(biases.isEmpty || range.upperBound <= biases.count, "every row has a bias, or none has")
        let first = range.lowerBound
        table.withUnsafeBufferPointer { table in
            biases.withUnsafeBufferPointer { biases in
                guard let rows = table.baseAddress else { return }
                withList {
                    tributary_best_products(
                        Int64(range.count), Int64(width), rows + first * width, biases.baseAddress.flatMap { biases.isEmpty ? nil : $0 + first },
                        query, Int32(first), &$0)
                }
            }
        }
    }

    /// Offers rows whose scores are known.
    /// - Parameters:
    ///   - values: a score for each row of the range, without the bias.
    ///   - biases: of the whole table, or empty for none.
    public mutating func offer(_ range: Range<Int>, scores values: UnsafePointer<Float>, biases: [Float] = []) {
        precondition(biases.isEmpty || range.upperBound <= biases.count, "every row has a bias, or none has")
        biases.withUnsafeBufferPointer { biases in
            withList {
                tributary_best_scores(
                    Int64(range.count), values, biases.baseAddress.flatMap { biases.isEmpty ? nil : $0 + range.lowerBound }, Int32(range.lowerBound), &$0)
            }
        }
    }

    /// Takes over what another list kept of other rows.
    public mutating func merge(_ other: BestRows) {
        var other = other
        other.withList { theirs in withList { tributary_best_merge(&theirs, &$0) } }
    }

    /// The rows kept with their scores, best first.
    public var ranked: [(row: Int32, score: Float)] {
        var copy = self
        copy.withList { tributary_best_sort(&$0) }
        return (0..<held).map { (copy.rows[$0], copy.scores[$0]) }
    }

    private mutating func withList(_ body: (inout tributary_best) -> Void) {
        scores.withUnsafeMutableBufferPointer { scores in
            rows.withUnsafeMutableBufferPointer { rows in
                excluded.withUnsafeBufferPointer { excluded in
                    var list = tributary_best(
                        capacity: Int64(capacity), held: Int64(held), scores: scores.baseAddress, rows: rows.baseAddress,
                        excluded: excluded.baseAddress, excluded_count: Int64(excluded.count))
                    body(&list)
                    held = Int(list.held)
                }
            }
        }
    }
}

extension Kernels {
    /// The product by which ``BestRows`` scores a row: width values each.
    public static func rowProduct(_ query: UnsafePointer<Float>, _ row: UnsafePointer<Float>, width: Int) -> Float {
        tributary_row_product(Int64(width), query, row)
    }
}
