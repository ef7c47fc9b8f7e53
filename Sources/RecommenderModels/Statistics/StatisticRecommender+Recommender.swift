public import SeededRandom
public import Tensors

/// What models of summed statistics have in common as recommenders.
extension StatisticRecommender {
    public var sequenceUse: SequenceUse { .whole }
    public var sharedNegatives: Int { 0 }

    /// All zero: nothing is known before the first sweep.
    public func initialParameters(_ stream: RandomStream) -> [Float] { [Float](repeating: 0, count: layout.count) }

    /// Every event.
    public func targetCount(of sequences: [ArraySlice<Int32>]) -> Int { sequences.reduce(0) { $0 + $1.count } }

    /// Solves, then scores; whoever scores more than once prepares the model once.
    public func scores(_ parameters: [Float], histories: [ArraySlice<Int32>]) -> [Float] { prepared(parameters).scores(histories: histories) }

    /// Nothing: the model has no gradient, its trainers sum statistics.
    public func accumulateGradient(
        _ parameters: [Float], sequences: [ArraySlice<Int32>], negatives: [Int32], stream: RandomStream?, weight: Float,
        into gradient: inout GradientBuffer, scratch: inout ScratchMemory
    ) -> LossSum { LossSum() }
}
