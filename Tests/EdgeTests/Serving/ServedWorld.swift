import EdgeRuntime
import Federation
import Interactions
import LocalTraining
import RecommenderModels
import SeededRandom
import Simulator

/// A model trained on a small made-up market whose catalog lacks every tenth item: what a node serves when new items have come.
struct ServedWorld {
    /// The catalog of the plan, and the application's, which lists the new items as well.
    let catalog: Catalog
    let whole: Catalog
    let engine: RecommendationEngine
    /// Users' histories in public ids, with the new items in them.
    let histories: [[String]]

    static let models: [ModelConfiguration] = [
        .bprMF(BPRMFConfiguration(dimension: 16)), .gru4rec(GRU4RecConfiguration(embeddingDimension: 16, hiddenDimension: 16)),
    ]

    init(_ model: ModelConfiguration, epochs: Int = 40, index: IndexChoice = .exact, workers: Int = 2) async throws {
        let world = try SyntheticWorld(SyntheticWorldConfiguration(userCount: 400, itemCount: 300, meanEvents: 20), seed: 3)
        let whole = world.catalog
        let catalog = try Catalog(items: whole.items.enumerated().filter { $0.offset % 10 != 4 }.map(\.element))
        let table = world.interactions()
        let sequences = table.sequences(in: whole).sequences
        let histories = (0..<sequences.userCount).map { user in sequences[user].map { whole.items[Int($0)].id } }
        let users = UserSequences(histories.map { history in history.dropLast().compactMap { catalog.index(of: $0) } })
        let trainer = try LocalTrainer(
            model: model, training: TrainingConfiguration(unit: .silo, optimizer: .adam(learningRate: 0.02), epochs: epochs, batchSize: 32),
            itemCount: catalog.count, workers: workers)
        let start = trainer.model.initialParameters(RandomStream(seed: 1))
        let update = try await trainer.trainSilo(from: start, users: users, stream: RandomStream(seed: 2))
        (self.whole, self.catalog, self.histories) = (whole, catalog, histories)
        engine = try await RecommendationEngine(
            plan: Digest(of: [1]), model: ModelReference(round: 1, digest: Digest(of: [2]), byteCount: 1), catalog: catalog,
            recommender: trainer.model, parameters: zip(start, update.delta).map(+), workers: workers, index: index)
    }
}
