import Interactions
import LocalTraining
import RecommenderModels
import SeededRandom
import Synchronization
import Testing

@Suite("Pooled training")
struct PooledTrainingTests {
    static func settings(_ optimizer: LocalOptimizer = .adam(learningRate: 0.01), averaging: Float? = nil, clip: Float? = nil) -> PooledSettings {
        let training = TrainingConfiguration(unit: .silo, optimizer: optimizer, epochs: 3, batchSize: 16, maximumLength: 10, maximumWindows: 3)
        return PooledSettings(training: training, schedule: LearningRateSchedule(.cosine(end: 0), warmUpEpochs: 0.5), gradientClip: clip, averaging: averaging)
    }

    static func algorithm(_ model: ModelConfiguration, _ settings: PooledSettings, workers: Int = 2) throws -> any PooledAlgorithm {
        try model.pooledAlgorithm(users: Fixtures.users(60), itemCount: Fixtures.itemCount, settings: settings, workers: workers, stream: RandomStream(seed: 5, "model"))
    }

    /// All checkpoints of a run: at every pause and after every epoch, as bytes; then the final parameters.
    private static func course(_ model: ModelConfiguration, _ settings: PooledSettings, from start: [UInt8]? = nil) async throws -> ([[UInt8]], PooledRun) {
        var run = PooledRun(try algorithm(model, settings), epochs: 3, stopping: EarlyStopping(), stream: RandomStream(seed: 5, "run"))
        if let start { try run.resume(from: PooledCheckpoint(decoding: start, identity: ["data": "d"])) }
        let stored = Mutex<[[UInt8]]>([])
        run.pause(everySteps: 2) { checkpoint in stored.withLock { $0.append(checkpoint.encoded(identity: ["data": "d"])) } }
        while !run.isFinished {
            // Any function of the parameters serves as a figure.
            _ = try await run.runEpoch { -Double($0.reduce(0) { $0 + abs($1) }) }
            let bytes = run.checkpoint.encoded(identity: ["data": "d"])
            stored.withLock { $0.append(bytes) }
        }
        return (stored.withLock { $0 }, run)
    }

    @Test(
        "training goes on from any checkpoint as if it had never stopped",
        arguments: Fixtures.gradientModels.indices, [LocalOptimizer.adam(learningRate: 0.01), .adamW(AdamWSettings(learningRate: 0.01)), .adagradMomentum(learningRate: 0.03, momentum: 0.5), .sgd(learningRate: 0.5, momentum: 0.9)])
    func resume(_ index: Int, _ optimizer: LocalOptimizer) async throws {
        let model = Fixtures.gradientModels[index]
        let settings = Self.settings(optimizer, averaging: 0.9, clip: 0.5)
        let (checkpoints, whole) = try await Self.course(model, settings)
        #expect(checkpoints.count >= 6)
        for (number, checkpoint) in checkpoints.enumerated() {
            let (rest, resumed) = try await Self.course(model, settings, from: checkpoint)
            #expect(rest == Array(checkpoints[(number + 1)...]), "from checkpoint \(number)")
            #expect(resumed.standing == whole.standing)
            #expect(resumed.algorithm.parameters == whole.algorithm.parameters)
        }
    }

    @Test("parameters do not depend on the number of workers", arguments: Fixtures.gradientModels.indices)
    func workers(_ index: Int) async throws {
        var results: [[Float]] = []
        for workers in [1, 2, 5] {
            var algorithm = try Self.algorithm(Fixtures.gradientModels[index], Self.settings(), workers: workers)
            for epoch in 0..<2 { _ = try await algorithm.runEpoch(epoch, stream: Fixtures.stream) }
            results.append(algorithm.parameters)
        }
        #expect(results[0] == results[1] && results[0] == results[2])
    }

    @Test("averaged parameters are the moving average of those of every step")
    func averaging() async throws {
        let model = Fixtures.gradientModels[0]
        var plain = try GradientPooledAlgorithm(
            model: model, users: Fixtures.users(60), itemCount: Fixtures.itemCount, settings: Self.settings(), workers: 1, stream: Fixtures.stream)
        let course = Mutex<[[Float]]>([plain.parameters])
        plain.pause = PausePoint(everySteps: 1) { state in course.withLock { $0.append(state["parameters"] ?? []) } }
        _ = try await plain.runEpoch(0, stream: Fixtures.stream)
        course.withLock { $0.append(plain.parameters) }
        var averaged = try GradientPooledAlgorithm(
            model: model, users: Fixtures.users(60), itemCount: Fixtures.itemCount, settings: Self.settings(averaging: 0.3), workers: 1, stream: Fixtures.stream)
        _ = try await averaged.runEpoch(0, stream: Fixtures.stream)
        let steps = course.withLock { $0 }
        var expected = steps[0].map(Double.init)
        for (step, parameters) in steps.enumerated().dropFirst() {
            let decay = min(0.3, Double(1 + step) / Double(10 + step))
            for index in expected.indices { expected[index] += (1 - decay) * (Double(parameters[index]) - expected[index]) }
        }
        #expect(zip(averaged.parameters, expected).allSatisfy { abs(Double($0) - $1) < 1e-5 })
        #expect(averaged.parameters != plain.parameters)
    }

    @Test("a clipped gradient moves plain descent by at most rate times bound in every step")
    func clipping() async throws {
        var moved: [Double] = []
        for clip in [Float(0.01), 1e6] {
            var algorithm = try Self.algorithm(Fixtures.gradientModels[0], Self.settings(.sgd(learningRate: 1, momentum: 0), clip: clip))
            let start = algorithm.parameters
            _ = try await algorithm.runEpoch(0, stream: Fixtures.stream)
            moved.append(zip(algorithm.parameters, start).reduce(0.0) { $0 + Double(($1.0 - $1.1) * ($1.0 - $1.1)) }.squareRoot())
        }
        #expect(moved[0] > 0 && moved[0] <= 0.01 * 12)
        #expect(moved[1] > moved[0] * 2)
    }
}
