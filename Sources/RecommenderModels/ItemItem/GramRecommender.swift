internal import Tensors

/// A model whose parameters are the mean over users of their parts of the Gram matrix: which items are met together.
protocol GramRecommender: StatisticRecommender {
    var gram: GramStatistic { get }
}

extension GramRecommender {
    public var itemCount: Int { gram.itemCount }
    public var layout: ParameterLayout { gram.layout }
    public var itemTables: [String] { [GramStatistic.tensorName] }

    public func accumulateStatistic(
        _ solution: [Float], events: ArraySlice<Int32>, into sum: inout GradientBuffer, scratch: inout ScratchMemory
    ) {
        gram.accumulate(events, into: &sum)
    }
}
