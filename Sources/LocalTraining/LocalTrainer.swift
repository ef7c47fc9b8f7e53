internal import Interactions
public import RecommenderModels
internal import SeededRandom
internal import Tensors

/// Trains a model on a node's own users and returns what changed; keeps nothing between calls.
public struct LocalTrainer: Sendable {
    public let model: any Recommender
    public let training: TrainingConfiguration
    /// Tasks that compute at the same time. No result depends on it.
    public let workers: Int

    /// - Parameters:
    ///   - itemCount: V, the size of the catalog.
    ///   - workers: at least 1; usually the number of cores.
    /// - Throws: `ModelError` or `TrainingError` when a value is out of range.
    public init(model: ModelConfiguration, training: TrainingConfiguration, itemCount: Int, workers: Int) throws {
        guard workers >= 1 else { throw TrainingError("training needs at least 1 worker and \(workers) were given; use the number of cores") }
        try training.validate()
        self.model = try model.recommender(itemCount: itemCount)
        self.training = training
        self.workers = workers
    }

    /// Throws unless the parameters and all events fit the model.
    func check(_ parameters: [Float], _ users: UserSequences) throws { try check(parameters, users, 0..<users.userCount) }

    /// Throws unless the parameters and the events of those users fit the model.
    func check(_ parameters: [Float], _ users: UserSequences, _ selected: some Sequence<Int>) throws {
        guard parameters.count == model.layout.count else {
            throw TrainingError(
                "the global model has \(parameters.count) parameters and the plan's has \(model.layout.count); the catalog or the plan differs")
        }
        let items = 0..<Int32(model.itemCount)
        for user in selected {
            guard let stray = users[user].withUnsafeBufferPointer({ $0.first { !items.contains($0) } }) else { continue }
            throw TrainingError(
                "an event has item \(stray), outside the catalog of \(model.itemCount); import the events with the plan's catalog")
        }
    }

    /// The training sequences of a user's events: windows, most recent first; none when there are too few events.
    func sequences(of events: ArraySlice<Int32>) -> [ArraySlice<Int32>] {
        var sequences: [ArraySlice<Int32>] = []
        cut(events, into: &sequences)
        return sequences
    }

    /// Replaces `sequences` by those of the events, in the memory it has where that suffices.
    func cut(_ events: ArraySlice<Int32>, into sequences: inout [ArraySlice<Int32>]) {
        sequences.removeAll(keepingCapacity: true)
        guard events.count >= training.minimumEvents else { return }
        switch model.sequenceUse {
        case .whole: sequences.append(events.suffix(training.maximumLength * training.maximumWindows))
        case .windows:
            var end = events.endIndex
            while sequences.count < training.maximumWindows, end - events.startIndex >= 2 {
                let start = max(events.startIndex, end - training.maximumLength - 1)
                sequences.append(events[start..<end])
                end = start + 1
            }
        }
    }

    /// The items that the sequences of a step share as negatives: a function of a public stream, the epoch and the step only.
    func negatives(_ stream: RandomStream, step: Int) -> [Int32] {
        if model.sharedNegatives == 0 { return [] }
        var numbers = stream.child("negatives").child(step)
        return (0..<model.sharedNegatives).map { _ in Int32(numbers.below(model.itemCount)) }
    }
}
