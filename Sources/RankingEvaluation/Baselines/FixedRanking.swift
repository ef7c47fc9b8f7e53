/// The same order of the items for everybody, by weights that somebody counted, measured or released.
public struct FixedRanking: SequenceScorer {
    private let row: [Float]

    /// - Parameter weights: V numbers, larger is better; equal ones tie.
    public init(weights: [Double]) { row = DenseLevels.levels(weights).map { Float($0) } }

    public var itemCount: Int { row.count }

    public func scores(histories: [ArraySlice<Int32>]) -> [Float] { histories.flatMap { _ in row } }
}
