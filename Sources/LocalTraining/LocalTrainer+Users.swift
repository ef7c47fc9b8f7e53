public import DifferentialPrivacy
public import Interactions
internal import RecommenderModels
public import SeededRandom
internal import Synchronization

extension LocalTrainer {
    /// Every selected user trains alone from `parameters`; the quantizer's integers are added up exactly.
    ///
    /// An epoch walks through the user's windows, the oldest first, `batchSize` of them a step: 1 is plain stochastic gradient descent over
    /// the windows; from the number of windows on, an epoch is one step over all of them. One epoch of one step with SGD is one clipped
    /// gradient per user, which skips the optimiser.
    ///
    /// A user's integers are a function of the parameters, the plan, the public stream and that user's own events: not of other
    /// users, of ids or of row numbers. Shared negatives come from the public stream; dropout, own negatives and rounding from a
    /// stream that the user's events name. The sum depends neither on the users' order nor on the number of workers.
    /// - Parameters:
    ///   - parameters: the global model, d values.
    ///   - users: training events.
    ///   - selected: distinct row numbers of `users`; users with fewer than `minimumEvents` are left out.
    ///   - stream: the round's public stream.
    /// - Throws: `TrainingError` when parameters or items do not fit the model; what the quantizer throws; `CancellationError`.
    public func trainUsers(
        from parameters: [Float], users: UserSequences, selected: [Int], stream: RandomStream, quantizer: UserQuantizer
    ) async throws -> UserSum {
        precondition(selected.allSatisfy { (0..<users.userCount).contains($0) }, "a selected user does not exist")
        try check(parameters, users, selected)
        precondition(quantizer.dimension == parameters.count, "the quantizer was made for another number of parameters")
        if let model = model as? any StatisticRecommender {
            return try await userStatistics(model, from: parameters, users: users, selected: selected, stream: stream, quantizer: quantizer)
        }
        // Whoever is free takes the next user: histories differ in length, and who trains a user changes nothing.
        let turns = Turns()
        return try await withThrowingTaskGroup(of: UserSum.self) { group in
            for _ in 0..<min(workers, max(1, selected.count)) {
                group.addTask {
                    var trainer = UserTrainer(self, parameters, stream: stream, quantizer: quantizer)
                    while true {
                        let index = turns.next()
                        guard index < selected.count else { return trainer.sum }
                        try Task.checkCancellation()
                        try trainer.train(users[selected[index]])
                    }
                }
            }
            guard var total = try await group.next() else { return UserSum(dimension: parameters.count) }
            for try await part in group { total.add(part) }
            return total
        }
    }
}

/// Numbers from 0, each given once.
private final class Turns: Sendable {
    private let given = Atomic<Int>(0)

    func next() -> Int { given.add(1, ordering: .relaxed).oldValue }
}
