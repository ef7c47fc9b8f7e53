internal import DifferentialPrivacy
internal import Interactions
internal import RecommenderModels
internal import SeededRandom
internal import Tensors

/// Models of summed statistics: no steps, one sum over users.
extension LocalTrainer {
    /// The events of a user that its statistic is about; `nil` when there are too few.
    func statisticEvents(_ events: ArraySlice<Int32>) -> ArraySlice<Int32>? { sequences(of: events).first }

    /// The mean of the users' statistics and how many users it is over.
    func siloStatistics(_ model: any StatisticRecommender, from parameters: [Float], users: UserSequences) async throws -> SiloUpdate {
        let events = (0..<users.userCount).compactMap { statisticEvents(users[$0]) }
        guard !events.isEmpty else {
            throw TrainingError("no user has \(training.minimumEvents) training events; import more events or lower minimumEvents")
        }
        let mean = try await StatisticSum(model: model, workers: workers).mean(from: parameters, users: events)
        return SiloUpdate(delta: mean, sequenceCount: events.count, lossSum: 0, targetCount: 0)
    }

    /// Every selected user's statistic, clipped and rounded by itself, added up exactly.
    func userStatistics(
        _ model: any StatisticRecommender, from parameters: [Float], users: UserSequences, selected: [Int], stream: RandomStream,
        quantizer: UserQuantizer
    ) async throws -> UserSum {
        let solution = model.solution(parameters)
        return try await withThrowingTaskGroup(of: UserSum.self) { group in
            for worker in 0..<min(workers, max(1, selected.count)) {
                group.addTask {
                    var sum = UserSum(dimension: parameters.count)
                    var statistic = GradientBuffer(model)
                    var scratch = ScratchMemory()
                    for index in stride(from: worker, to: selected.count, by: workers) {
                        try Task.checkCancellation()
                        guard let events = statisticEvents(users[selected[index]]) else { continue }
                        model.accumulateStatistic(solution, events: events, into: &statistic, scratch: &scratch)
                        var rounding = stream.child(numbers: events).child("rounding")
                        try sum.add(statistic, quantizer: quantizer, rounding: &rounding)
                        statistic.reset()
                    }
                    return sum
                }
            }
            var total = UserSum(dimension: parameters.count)
            for try await part in group { total.add(part) }
            return total
        }
    }
}

extension UserSum {
    fileprivate mutating func add(_ statistic: GradientBuffer, quantizer: UserQuantizer, rounding: inout RandomStream) throws {
        let touched = statistic.activeRanges
        contributingUsers += 1
        guard touched.allSatisfy({ Kernels.isFinite(statistic.values[$0]) }) else {
            nonFiniteUsers += 1
            return
        }
        let outcome = try quantizer.add(statistic.values, touched: touched, to: &sum, stream: &rounding)
        clippedUsers += outcome.wasClipped ? 1 : 0
        truncatedUsers += outcome.wasTruncated ? 1 : 0
    }
}
