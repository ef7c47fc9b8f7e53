import Benchmark
import DifferentialPrivacy
import Interactions
import LocalTraining
import RecommenderModels
import SeededRandom

/// Pieces of the engine on a small synthetic world, two workers.
let benchmarks: @Sendable () -> Void = {
    Benchmark.defaultConfiguration = .init(metrics: [.wallClock, .cpuTotal, .peakMemoryResident], maxDuration: .seconds(5), maxIterations: 200)

    let models: [(String, ModelConfiguration)] = [
        ("GRU4Rec d 64", .gru4rec(GRU4RecConfiguration())),
        ("GRU4Rec d 64, 512 negatives", .gru4rec(GRU4RecConfiguration(loss: .sampledSoftmax(negatives: 512, logQ: true)))),
        ("BPR-MF d 64", .bprMF(BPRMFConfiguration())),
    ]
    for (name, model) in models {
        Benchmark("\(name): an epoch of 256 users") { benchmark, fixture in
            blackHole(try await fixture.trainer(model, .silo).trainSilo(from: fixture.parameters(model), users: fixture.users, stream: fixture.stream))
        } setup: {
            try Fixture()
        }
        Benchmark("\(name): clipped updates of 256 users") { benchmark, fixture in
            let (trainer, parameters) = (try fixture.trainer(model, .perUser), try fixture.parameters(model))
            let quantizer = try UserQuantizer(bound: .clip(1), scale: 0x1p16, dimension: parameters.count)
            blackHole(
                try await trainer.trainUsers(
                    from: parameters, users: fixture.users, selected: Array(0..<fixture.users.userCount), stream: fixture.stream, quantizer: quantizer))
        } setup: {
            try Fixture()
        }
    }
}

/// Users to train on.
struct Fixture: Sendable {
    let users: UserSequences
    let itemCount = 1000
    let stream = RandomStream(seed: 1, "benchmark")

    init() throws {
        let world = try SyntheticWorld(SyntheticWorldConfiguration(userCount: 256, itemCount: itemCount, meanEvents: 50), seed: 1)
        users = world.interactions().sequences(in: world.catalog).sequences
    }

    func trainer(_ model: ModelConfiguration, _ unit: TrainingConfiguration.Unit) throws -> LocalTrainer {
        try LocalTrainer(
            model: model, training: TrainingConfiguration(unit: unit, optimizer: .sgd(learningRate: 0.1, momentum: 0)), itemCount: itemCount, workers: 2)
    }

    func parameters(_ model: ModelConfiguration) throws -> [Float] {
        try model.recommender(itemCount: itemCount).initialParameters(stream)
    }
}
