import CommandSupport
import Federation
import Interactions
import LocalTraining
import PlanFiles
import RankingEvaluation
import RecommenderModels
import SeededRandom
import Simulator
import Tensors

extension TrainingExperiment {
    /// Trains the recipe's model in a simulated federation. Published models are scored on the validation events while the
    /// federation goes on; the one that validation chooses is scored once on the test events.
    func run(_ recipe: FederatedRecipe, progress: @escaping @Sendable (EpochReport) throws -> Void) async throws -> TrainingReport {
        let catalog = try Catalog(itemsOf: data)
        var draft = recipe.plan
        draft.seed = identity.seed
        let plan = try draft.resolved(for: CatalogReference(catalog))
        let silos = assignment(recipe.assignment, catalog: catalog).simulated
        let (models, channel) = AsyncStream<(ModelReference, [Float])>.makeStream()
        let every = recipe.evaluateEvery
        // Nobody is served: thousands of nodes fit into one process.
        let settings = SimulationSettings(
            evaluates: false, servesModels: false, sharesDownloads: true, workers: workers, timeLimit: .seconds(86_400 * 366),
            onPublished: { model, parameters in
                if model.round % every == 0 || model.round == plan.rounds { channel.yield((model, parameters)) }
            })
        let simulation = Simulation(plan: plan, silos: silos, catalog: catalog, seed: identity.seed, settings: settings)
        let clock = ContinuousClock()
        let start = clock.now
        async let chosen = choose(from: models, of: plan, progress: progress)
        let result: SimulationResult
        do {
            result = try await simulation.run()
            channel.finish()
        } catch {
            channel.finish()
            throw error
        }
        let standing = try await chosen
        let published = result.publishedRounds.count
        return TrainingReport(
            self, parameters: standing.bestParameters, standing: standing, seconds: (clock.now - start).inSeconds,
            test: try await metrics(standing.bestParameters, split.test), floors: try await floors(),
            federation: .init(
                nodes: silos.count, publishedRounds: published, abandonedRounds: result.rounds.count - published, planDigest: plan.digest.hex,
                privacy: plan.privacy.modeName, epsilon: result.rounds.last?.epsilonSpent ?? 0))
    }

    private func assignment(_ rule: FederatedRecipe.Assignment, catalog: Catalog) -> SiloAssignment {
        switch rule {
        case .hash(let nodes): return .byHash(data, count: nodes, seed: identity.seed)
        case .oneUserPerNode: return .oneUserEach(data)
        case .dirichlet(let nodes, let alpha):
            let clusters = ItemClusters.byCooccurrence(data, count: 20, stream: stream.child("clusters"))
            return .byDirichlet(data, count: nodes, alpha: alpha, clusters: clusters, stream: stream.child("silos"))
        }
    }

    /// Scores models as they are published and keeps the best.
    private func choose(
        from models: AsyncStream<(ModelReference, [Float])>, of plan: Plan, progress: @Sendable (EpochReport) throws -> Void
    ) async throws -> PooledStanding {
        let clock = ContinuousClock()
        var standing = PooledStanding(parameters: ModelVersion(initialFor: plan, recommender: model).parameters)
        var begun = clock.now
        for await (reference, parameters) in models {
            let published = clock.now
            let metric = identity.recipe.stopping.metric
            let value = metric.value(try await metrics(parameters, split.validation))
            var record = EpochRecord(epoch: reference.round, loss: nil, targets: 0)
            record.validation = value
            record.isBest = standing.take(parameters, value: value, after: reference.round)
            try progress(EpochReport(record, metric: metric, seconds: (published - begun).inSeconds, validationSeconds: (clock.now - published).inSeconds))
            begun = clock.now
        }
        return standing
    }
}
