/// Anything that scores all items for what comes next.
public protocol SequenceScorer: Sendable {
    /// V, the number of items.
    var itemCount: Int { get }

    /// Scores of all items after each history, larger is better, row-major B × V.
    /// - Parameter histories: B item sequences, oldest first; one may be empty.
    func scores(histories: [ArraySlice<Int32>]) throws -> [Float]

    /// The same for cases, for scorers that need more than the history.
    func scores(cases: ArraySlice<EvaluationCase>) throws -> [Float]
}

extension SequenceScorer {
    /// By the histories.
    public func scores(cases: ArraySlice<EvaluationCase>) throws -> [Float] { try scores(histories: cases.map(\.history)) }
}

/// A function as a scorer, such as a model with its parameters.
public struct ClosureScorer: SequenceScorer {
    public let itemCount: Int
    private let body: @Sendable ([ArraySlice<Int32>]) throws -> [Float]

    public init(itemCount: Int, _ body: @escaping @Sendable ([ArraySlice<Int32>]) throws -> [Float]) {
        self.itemCount = itemCount
        self.body = body
    }

    public func scores(histories: [ArraySlice<Int32>]) throws -> [Float] { try body(histories) }
}
