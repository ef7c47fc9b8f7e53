internal import RecommenderModels
internal import Tensors

/// Sums statistics of many users, the same bits for any number of workers.
struct StatisticSum: Sendable {
    let model: any StatisticRecommender
    let workers: Int

    /// The mean of the users' statistics.
    ///
    /// Users are dealt into parts whose number depends on the model only; a part is summed user by user, and the parts in their order.
    /// - Parameters:
    ///   - parameters: the mean published last.
    ///   - users: events of each user; at least one user.
    /// - Throws: `TrainingError` when the statistics are not finite; `CancellationError`.
    func mean(from parameters: [Float], users: [ArraySlice<Int32>]) async throws -> [Float] {
        let solution = model.solution(parameters)
        let partCount = min(Self.partCount(dimension: parameters.count), users.count)
        let parts = try await withThrowingTaskGroup(of: [(Int, GradientBuffer)].self) { group in
            for worker in 0..<min(workers, partCount) {
                group.addTask {
                    var sums: [(Int, GradientBuffer)] = []
                    var scratch = ScratchMemory()
                    for part in stride(from: worker, to: partCount, by: workers) {
                        var sum = GradientBuffer(model)
                        sum.touchEverything()
                        for user in stride(from: part, to: users.count, by: partCount) {
                            try Task.checkCancellation()
                            model.accumulateStatistic(solution, events: users[user], into: &sum, scratch: &scratch)
                        }
                        sums.append((part, sum))
                    }
                    return sums
                }
            }
            return try await group.reduce(into: []) { $0 += $1 }
        }
        var total = [Float](repeating: 0, count: parameters.count)
        total.withUnsafeMutableBufferPointer { total in
            guard let start = total.baseAddress else { return }
            for (_, part) in parts.sorted(by: { $0.0 < $1.0 }) { Kernels.add(part.values, to: start, count: total.count) }
            Kernels.scale(start, by: 1 / Float(users.count), count: total.count)
        }
        guard Kernels.isFinite(total) else {
            throw TrainingError("the users' statistics are no longer finite; the global model is unsound: start from the initial one")
        }
        return total
    }

    /// Few enough that the parts' memory stays near a quarter of a gigabyte, or two copies of the model.
    static func partCount(dimension: Int) -> Int { min(16, max(2, (1 << 26) / max(1, dimension))) }
}
