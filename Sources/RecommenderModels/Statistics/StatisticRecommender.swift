public import Tensors

/// A model that learns from a sum over users: its parameters are the mean over users of a statistic of one user's events, given the
/// parameters published before, and everything else (inverses, factors, neighbours) is computed from that mean where it is served.
///
/// A federated round is one exact sweep: every user's statistic is clipped and summed like any other contribution, and the mean
/// replaces the parameters. EASE needs one round (its statistic is the user's part of the Gram matrix), iALS one per sweep.
public protocol StatisticRecommender: Recommender {
    /// What every user's statistic needs of the parameters, computed once per round; empty when the statistic needs nothing.
    /// - Parameter parameters: the mean published last; all zero before the first round.
    func solution(_ parameters: [Float]) -> [Float]

    /// Adds one user's statistic, d values in `layout`, to `sum`. A function of the solution and these events only.
    /// - Parameters:
    ///   - solution: what `solution` gave for the parameters published last.
    ///   - events: the user's items, oldest first, each in 0 ..< V.
    func accumulateStatistic(
        _ solution: [Float], events: ArraySlice<Int32>, into sum: inout GradientBuffer, scratch: inout ScratchMemory)
}

extension ModelConfiguration {
    /// Whether the model learns from summed statistics, whatever the catalog.
    public var learnsFromStatistics: Bool { (try? recommender(itemCount: 2)) is any StatisticRecommender }
}

extension StatisticRecommender {
    /// Nothing: the statistic is a function of the events alone.
    public func solution(_ parameters: [Float]) -> [Float] { [] }
}
