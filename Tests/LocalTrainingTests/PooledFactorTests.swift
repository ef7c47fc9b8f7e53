import Foundation
import Interactions
import LocalTraining
import RecommenderModels
import SeededRandom
import Tensors
import Testing

/// What all pooled algorithms of factor models promise.
@Suite struct PooledFactorTests {
    static let models: [ModelConfiguration] = [
        .bprMF(BPRMFConfiguration(dimension: 5, negativeExponent: 0.5)), .bprMF(BPRMFConfiguration(dimension: 48)),
        .ials(IALSConfiguration(dimension: 5)), .ials(IALSConfiguration(dimension: 40, regularizationExponent: 0.5, solverSteps: 0)),
        .item2Vec(Item2VecConfiguration(dimension: 5, negativeExponent: -0.5, subsampling: 0.01)),
        .item2Vec(Item2VecConfiguration(dimension: 20, window: 3, negatives: 2)),
    ]

    static func settings(batchSize: Int = 64, epochs: Int = 4, rate: Float = 0.05) -> PooledSettings {
        PooledSettings(
            training: TrainingConfiguration(unit: .silo, optimizer: .sgd(learningRate: rate, momentum: 0), epochs: epochs, batchSize: batchSize),
            schedule: LearningRateSchedule(.linear(end: 0.1)))
    }

    static func algorithm(_ model: ModelConfiguration, users: UserSequences = manyUsers, workers: Int = 1) throws -> any PooledAlgorithm {
        try model.pooledAlgorithm(
            users: users, itemCount: Fixtures.itemCount, settings: settings(), workers: workers, stream: Fixtures.stream)
    }

    /// Enough events for several rounds of several shards.
    static let manyUsers = Fixtures.users(400)

    @Test("Any number of workers gives the same bits", arguments: models)
    func workers(model: ModelConfiguration) async throws {
        var alone = try Self.algorithm(model)
        var losses: [LossSum] = []
        for epoch in 0..<2 { losses.append(try await alone.runEpoch(epoch, stream: Fixtures.stream)) }
        for workers in [2, 3, 50] {
            var many = try Self.algorithm(model, workers: workers)
            for epoch in 0..<2 { #expect(try await many.runEpoch(epoch, stream: Fixtures.stream) == losses[epoch]) }
            #expect(many.state == alone.state)
            #expect(many.parameters == alone.parameters)
        }
    }

    @Test("A run goes on from its state as if it had never stopped", arguments: models)
    func restored(model: ModelConfiguration) async throws {
        var through = try Self.algorithm(model)
        _ = try await through.runEpoch(0, stream: Fixtures.stream)
        var later = try Self.algorithm(model)
        try later.restore(through.state)
        #expect(later.parameters == through.parameters)
        let expected = try await through.runEpoch(1, stream: Fixtures.stream)
        #expect(try await later.runEpoch(1, stream: Fixtures.stream) == expected)
        #expect(later.state == through.state)
        #expect(throws: TrainingError.self) { try later.restore([:]) }
        #expect(throws: TrainingError.self) { try later.restore(through.state.mapValues { $0 + [0] }) }
    }

    @Test("Training lowers the loss", arguments: models)
    func learns(model: ModelConfiguration) async throws {
        // Skip-grams begin with output vectors of zero; among so few items the shards' moves of a row add up, which asks for a low rate.
        let epochs = if case .item2Vec = model { 30 } else { 4 }
        var algorithm = try model.pooledAlgorithm(
            users: Self.manyUsers, itemCount: Fixtures.itemCount, settings: Self.settings(epochs: epochs, rate: epochs > 4 ? 0.004 : 0.05), workers: 1,
            stream: Fixtures.stream)
        let first = try await algorithm.runEpoch(0, stream: Fixtures.stream)
        var last = first
        for epoch in 1..<epochs { last = try await algorithm.runEpoch(epoch, stream: Fixtures.stream) }
        #expect(last.loss / Double(last.targets) < first.loss / Double(first.targets))
    }

    @Test("No events, strange items and other optimisers are refused", arguments: models)
    func refused(model: ModelConfiguration) {
        #expect(throws: TrainingError.self) { try Self.algorithm(model, users: UserSequences([[], []])) }
        #expect(throws: TrainingError.self) { try Self.algorithm(model, users: UserSequences([[1, 2, 23]])) }
        if case .ials = model { return }
        var settings = Self.settings()
        settings.training.optimizer = .adam(learningRate: 0.01)
        #expect(throws: TrainingError.self) {
            try model.pooledAlgorithm(
                users: Self.manyUsers, itemCount: Fixtures.itemCount, settings: settings, workers: 1, stream: Fixtures.stream)
        }
    }

    @Test("A learning rate that is far too high is reported as divergence")
    func diverges() async throws {
        var settings = Self.settings()
        settings.training.optimizer = .sgd(learningRate: 1e30, momentum: 0)
        for model in [ModelConfiguration.bprMF(BPRMFConfiguration(dimension: 5)), .item2Vec(Item2VecConfiguration(dimension: 5))] {
            var algorithm = try model.pooledAlgorithm(
                users: Self.manyUsers, itemCount: Fixtures.itemCount, settings: settings, workers: 1, stream: Fixtures.stream)
            await #expect(throws: TrainingError.self) {
                for epoch in 0..<4 { _ = try await algorithm.runEpoch(epoch, stream: Fixtures.stream) }
            }
        }
    }
}
