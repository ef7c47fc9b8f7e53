import CoordinatorCore
import DifferentialPrivacy
import Federation
import LocalTraining
import Logging
import RecommenderModels
import SeededNoise

enum TestPlan {
    static let catalog = Array(("item_id,title,categories\n" + (1...20).map { "\($0),item \($0),\n" }.joined()).utf8)

    static func make(
        name: String = "test", mode: PrivacyPlan.Mode = .off(range: 4000), modulusBits: Int = 40, rounds: Int = 2, attempts: Int = 6, nodes: Int = 2,
        quorum: Int? = nil, deadlineSeconds: Int = 600, serverOptimizer: ServerOptimizer = .fedAdam(learningRate: 0.1, beta1: 0.9, beta2: 0.99, tau: 0.01)
    ) -> Plan {
        Plan(
            name: name, seed: 5, catalog: CatalogReference(digest: Digest(of: catalog), itemCount: 20), model: .bprMF(BPRMFConfiguration(dimension: 4)),
            training: TrainingConfiguration(unit: .perUser, optimizer: .sgd(learningRate: 0.1, momentum: 0)),
            privacy: PrivacyPlan(mode: mode, grid: GridPlan(scale: 0x1p10, modulusBits: modulusBits)), serverOptimizer: serverOptimizer,
            selection: SelectionPlan(minimumCohort: nodes, quorum: quorum ?? nodes, deadlineSeconds: deadlineSeconds), rounds: rounds, maximumAttempts: attempts)
    }

    static let central = PrivacyPlan.Mode.central(GaussianMechanism(clip: 4, noiseMultiplier: 4, epsilon: 100, delta: 1e-5))
}

var quietLogger: Logger {
    var logger = Logger(label: "test")
    logger.logLevel = .critical
    return logger
}

/// Imports the catalog, asks for the plan.
func request(_ plan: Plan, of storage: any CoordinatorStorage, clock: ManualClock) async throws {
    let administration = CoordinatorAdministration(storage: storage, clock: clock)
    _ = try await administration.importCatalog(TestPlan.catalog)
    _ = try await administration.startPlan(plan)
}

/// Runs a coordinator and nodes until all nodes saw the plan's end, or `isOver` says that the coordinator is dead.
func run(
    _ plan: Plan, storage: any CoordinatorStorage, names: [String] = ["berlin", "paris"], clock: ManualClock, noise: any NoiseSource = SeededNoiseSource(seed: 1),
    isDead: @escaping @Sendable () async -> Bool = { false }
) async throws -> ModelReference? {
    let coordinator = Coordinator(storage: storage, clock: clock, noise: noise, logger: quietLogger)
    return try await withThrowingTaskGroup(of: ModelReference??.self) { tasks in
        tasks.addTask {
            // A coordinator whose storage dies may refuse to start; the nodes find out by asking in vain.
            try? await coordinator.run()
            return nil
        }
        tasks.addTask {
            while !Task.isCancelled, await !isDead() {
                for _ in 0..<20 { await Task.yield() }
                clock.advance(by: .milliseconds(50))
            }
            if Task.isCancelled { return nil }
            return .some(nil)
        }
        for name in names {
            tasks.addTask { .some(try await TestNode(name, plan: plan).attend({ coordinator }, clock: clock)) }
        }
        var result: ModelReference?
        var answers = 0
        while answers < names.count, let next = try await tasks.next() {
            guard let answer = next else { continue }
            answers += 1
            result = answer
            if await isDead() { break }
        }
        tasks.cancelAll()
        return result
    }
}
