import DifferentialPrivacy
import Federation
import Interactions
import LocalTraining
import PlanFiles
import RecommenderModels
import SeededRandom
import StrictYAML
import Tensors
import Testing

/// What every model of a plan promises.
@Suite("Every model")
struct ModelContractTests {
    static let itemCount = 20
    static let histories: [ArraySlice<Int32>] = {
        var numbers = RandomStream(seed: 4, "histories")
        return [0, 1, 2, 5, 6, 7, 30, 250].map { length in (0..<length).map { _ in Int32(numbers.below(itemCount)) }[...] } + [[], [19]]
    }()

    static func plan(_ configuration: ModelConfiguration) -> Plan {
        var plan = Plan.example()
        plan.model = configuration
        plan.catalog.itemCount = itemCount
        return plan
    }

    static func yaml(_ model: String) -> String { PlanFileTests.minimal.replacing("model: gru4rec", with: "model: \(model)") }

    @Test("of plans is named here, and no other")
    func complete() throws {
        let error = try #require(throws: YAMLFileError.self) { try PlanDraft(yaml: Self.yaml("none-of-them"), fileName: "plan.yaml") }
        let message = "\(error)"
        let words = try #require(message.firstMatch(of: /one of (.*), not/)).output.1.split(separator: ", ").map(String.init)
        // Users' neighbours are named to say why no plan can have them.
        #expect(Set(words).subtracting(["user-knn"]) == Set(ModelExample.all.map { $0.word }))
    }

    @Test("is read from a plan file and comes back from a plan's bytes", arguments: ModelExample.all)
    func encoding(example: ModelExample) throws {
        #expect(try PlanDraft(yaml: Self.yaml("{\(example.word): \(example.settings)}"), fileName: "plan.yaml").model == example.configuration)
        let plan = Self.plan(example.configuration)
        #expect(try Plan(encoded: plan.encoded()) == plan)
    }

    @Test("has tensors with names of their own, and starts from finite parameters that the stream decides", arguments: ModelExample.all)
    func parameters(example: ModelExample) throws {
        let model = try example.configuration.recommender(itemCount: Self.itemCount)
        #expect(Set(model.layout.tensors.map(\.name)).count == model.layout.tensors.count)
        for name in model.itemTables {
            // Sums over users may have a row for each pair of items.
            let rows = try #require(model.layout[name]?.shape.first)
            #expect(rows == Self.itemCount || model is any StatisticRecommender && rows > Self.itemCount, "\(name)")
        }
        let parameters = model.initialParameters(RandomStream(seed: 1))
        #expect(parameters.count == model.layout.count && Kernels.isFinite(parameters))
        #expect(parameters == model.initialParameters(RandomStream(seed: 1)))
        let content = ItemContent(categories: (0..<Self.itemCount).map { ["category \($0 % 3)"] })
        #expect(Kernels.isFinite(model.initialParameters(RandomStream(seed: 1), content: content)))
    }

    @Test("scores any history, each alone as with others, and prepared as unprepared", arguments: ModelExample.all)
    func scores(example: ModelExample) throws {
        let model = try example.configuration.recommender(itemCount: Self.itemCount)
        let V = Self.itemCount
        let parameters = model.initialParameters(RandomStream(seed: 1))
        let scores = model.scores(parameters, histories: Self.histories)
        #expect(scores.count == Self.histories.count * V && Kernels.isFinite(scores))
        #expect(model.scores(parameters, histories: []).isEmpty)
        let prepared = model.prepared(parameters)
        #expect(prepared.itemCount == V && prepared.scores(histories: Self.histories) == scores)
        for (row, history) in Self.histories.enumerated() {
            let alone = model.scores(parameters, histories: [history])
            let largest = (0..<V).map { abs(alone[$0] - scores[row * V + $0]) }.max() ?? 0
            #expect(largest < 1e-5, "history \(row)")
        }
        guard let items = prepared.itemVectors else { return }
        let queries = prepared.queries(histories: Self.histories)
        #expect(items.vectors.count == V * items.width && queries.count == Self.histories.count * items.width)
        for row in Self.histories.indices {
            for item in 0..<V {
                let product = (0..<items.width).reduce(items.biases.isEmpty ? 0 : items.biases[item]) {
                    $0 + queries[row * items.width + $1] * items.vectors[item * items.width + $1]
                }
                #expect(abs(product - scores[row * V + item]) < 1e-4 * (1 + abs(product)), "history \(row), item \(item)")
            }
        }
    }

    @Test("scores the same after it was saved and loaded; a file with no numbers or of another catalog is refused", arguments: ModelExample.all)
    func files(example: ModelExample) throws {
        let plan = Self.plan(example.configuration)
        let model = try plan.recommender()
        let version = ModelVersion(initialFor: plan, recommender: model)
        let bytes = version.encoded(layout: model.layout)
        let loaded = try ModelVersion(encoded: bytes, layout: model.layout, optimizer: plan.serverOptimizer, plan: plan.digest)
        #expect(model.scores(loaded.parameters, histories: Self.histories) == model.scores(version.parameters, histories: Self.histories))
        for value in [Float.nan, .infinity] {
            var parameters = version.parameters
            parameters[parameters.count / 2] = value
            let damaged = ModelVersion(plan: plan.digest, round: 0, parent: nil, parameters: parameters, optimizerState: version.optimizerState)
            let error = try #require(throws: FederationError.self) {
                try ModelVersion(
                    encoded: damaged.encoded(layout: model.layout), layout: model.layout, optimizer: plan.serverOptimizer, plan: plan.digest)
            }
            #expect(error.description.contains("no finite numbers"))
        }
        let other = try example.configuration.recommender(itemCount: Self.itemCount + 1).layout
        let error = try #require(throws: FederationError.self) {
            try ModelVersion(encoded: bytes, layout: other, optimizer: plan.serverOptimizer, plan: plan.digest)
        }
        #expect(error.description.contains("does not fit the plan's model"))
    }

    static let users = UserSequences((0..<50).map { user in (0..<(2 + user * 7 % 15)).map { Int32((user + $0 * (1 + user % 3)) % itemCount) } })

    static func trainer(_ configuration: ModelConfiguration, _ unit: TrainingConfiguration.Unit, workers: Int) throws -> LocalTrainer {
        let training = TrainingConfiguration(
            unit: unit, optimizer: .adam(learningRate: 0.01), epochs: 2, batchSize: 20, maximumLength: 8, maximumWindows: 2)
        return try LocalTrainer(model: configuration, training: training, itemCount: itemCount, workers: workers)
    }

    @Test("trains to the same bits with one, two and three workers", arguments: ModelExample.all)
    func workers(example: ModelExample) async throws {
        let stream = RandomStream(seed: 3, "training")
        var updates: [SiloUpdate] = []
        var sums: [UserSum] = []
        for workers in 1...3 {
            let silo = try Self.trainer(example.configuration, .silo, workers: workers)
            let parameters = silo.model.initialParameters(RandomStream(seed: 1))
            updates.append(try await silo.trainSilo(from: parameters, users: Self.users, stream: stream))
            let trainer = try Self.trainer(example.configuration, .perUser, workers: workers)
            let quantizer = try UserQuantizer(bound: .clip(1), scale: 0x1p16, dimension: parameters.count)
            sums.append(try await trainer.trainUsers(
                from: parameters, users: Self.users, selected: Array(0..<50), stream: stream, quantizer: quantizer))
        }
        #expect(updates.allSatisfy { $0 == updates[0] } && sums.allSatisfy { $0 == sums[0] })
        #expect(updates[0].delta.contains { $0 != 0 } && Kernels.isFinite(updates[0].delta))
        #expect(sums[0].sum.contains { $0 != 0 } && sums[0].nonFiniteUsers == 0)
    }
}
