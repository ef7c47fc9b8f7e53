import Interactions
import LocalTraining
import RecommenderModels
import SeededRandom
import Tensors
import Testing

@Suite struct SiloTrainingTests {
    @Test("The update is bit-identical for any number of workers", arguments: Fixtures.models)
    func workers(model: ModelConfiguration) async throws {
        let users = Fixtures.users(90)
        var updates: [SiloUpdate] = []
        for workers in [1, 2, 3, 8] {
            let trainer = try Fixtures.trainer(model, unit: .silo, workers: workers)
            let parameters = trainer.model.initialParameters(RandomStream(seed: 1))
            updates.append(try await trainer.trainSilo(from: parameters, users: users, stream: Fixtures.stream))
        }
        #expect(updates.allSatisfy { $0 == updates[0] })
        #expect(updates[0].delta.contains { $0 != 0 })
    }

    @Test("Another stream gives another update")
    func streams() async throws {
        let trainer = try Fixtures.trainer(Fixtures.models[0], unit: .silo)
        let parameters = trainer.model.initialParameters(RandomStream(seed: 1))
        let one = try await trainer.trainSilo(from: parameters, users: Fixtures.users(30), stream: Fixtures.stream.child(1))
        let two = try await trainer.trainSilo(from: parameters, users: Fixtures.users(30), stream: Fixtures.stream.child(2))
        #expect(one != two)
    }

    @Test("Rounds of training lower the loss with every model and optimiser", arguments: Fixtures.models, Fixtures.optimizers)
    func learns(model: ModelConfiguration, optimizer: LocalOptimizer) async throws {
        let trainer = try Fixtures.trainer(model, unit: .silo, optimizer: optimizer, epochs: 3, batchSize: 16)
        var parameters = trainer.model.initialParameters(RandomStream(seed: 1))
        var losses: [Double] = []
        // Attention learns slowly along the plain gradient, and hidden positions are others every time.
        let isAttention = if case .bert4rec = model { true } else { false }
        for round in 0..<(isAttention ? 80 : 12) {
            let update = try await trainer.trainSilo(from: parameters, users: Fixtures.users(60), stream: Fixtures.stream.child(round))
            losses.append(update.lossSum / Double(update.targetCount))
            for index in parameters.indices { parameters[index] += update.delta[index] }
        }
        #expect(losses[losses.count - 1] < losses[0] * 0.97)
    }

    @Test("Sequences and targets are counted: windows share one event, the oldest beyond the maximum is left")
    func counts() async throws {
        let trainer = try Fixtures.trainer(Fixtures.models[0], unit: .silo, epochs: 2)
        let parameters = trainer.model.initialParameters(RandomStream(seed: 1))
        func update(_ lengths: Int...) async throws -> SiloUpdate {
            let users = UserSequences(lengths.map { [Int32](repeating: 1, count: $0) })
            return try await trainer.trainSilo(from: parameters, users: users, stream: Fixtures.stream)
        }
        #expect(try await update(2, 1, 0).targetCount == 2 * 1)
        let windows = try await update(11, 12, 22)
        #expect(windows.sequenceCount == 1 + 2 + 3)
        #expect(windows.targetCount == 2 * (10 + 11 + 21))
        #expect(try await update(100).targetCount == 2 * 30)
    }

    @Test("A learning rate that makes training diverge is named in the error")
    func divergence() async throws {
        let trainer = try Fixtures.trainer(Fixtures.models[0], unit: .silo, optimizer: .sgd(learningRate: 1e30, momentum: 0))
        let parameters = trainer.model.initialParameters(RandomStream(seed: 1))
        let error = await #expect(throws: TrainingError.self) {
            try await trainer.trainSilo(from: parameters, users: Fixtures.users(30), stream: Fixtures.stream)
        }
        #expect(error?.description.contains("learning rate") == true)
    }

    @Test("Parameters, items and users that do not fit are refused")
    func refusals() async throws {
        let trainer = try Fixtures.trainer(Fixtures.models[0], unit: .silo)
        let parameters = trainer.model.initialParameters(RandomStream(seed: 1))
        await #expect(throws: TrainingError.self) {
            try await trainer.trainSilo(from: Array(parameters.dropLast()), users: Fixtures.users(3), stream: Fixtures.stream)
        }
        await #expect(throws: TrainingError.self) {
            try await trainer.trainSilo(from: parameters, users: UserSequences([[1, 23]]), stream: Fixtures.stream)
        }
        await #expect(throws: TrainingError.self) {
            try await trainer.trainSilo(from: parameters, users: UserSequences([[1], []]), stream: Fixtures.stream)
        }
    }

    @Test("Configurations out of range are refused", arguments: [
        TrainingConfiguration(unit: .silo, optimizer: .adam(learningRate: 0)),
        TrainingConfiguration(unit: .silo, optimizer: .adagrad(learningRate: .nan)),
        TrainingConfiguration(unit: .silo, optimizer: .sgd(learningRate: 1, momentum: 1)),
        TrainingConfiguration(unit: .silo, optimizer: .adam(learningRate: 1), epochs: 0),
        TrainingConfiguration(unit: .silo, optimizer: .adam(learningRate: 1), batchSize: 0),
        TrainingConfiguration(unit: .silo, optimizer: .adam(learningRate: 1), maximumLength: 1),
        TrainingConfiguration(unit: .silo, optimizer: .adam(learningRate: 1), maximumWindows: 0),
        TrainingConfiguration(unit: .silo, optimizer: .adam(learningRate: 1), minimumEvents: 1),
    ])
    func configuration(_ configuration: TrainingConfiguration) {
        #expect(throws: TrainingError.self) { try configuration.validate() }
        #expect(throws: TrainingError.self) {
            try LocalTrainer(model: Fixtures.models[0], training: configuration, itemCount: 5, workers: 1)
        }
    }
}
