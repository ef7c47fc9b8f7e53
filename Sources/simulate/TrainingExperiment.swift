import CommandSupport
import Interactions
import LocalTraining
import PlanFiles
import RankingEvaluation
import RecommenderModels
import SeededRandom

/// One recipe on one table: train, choose the epoch, test once.
struct TrainingExperiment {
    var recipe: Recipe
    var identity: FigureIdentity
    var workers: Int
    /// The kept events.
    var data: InteractionTable
    var filter: String
    var split: PooledSplit
    var model: any Recommender
    var stream: RandomStream

    /// - Throws: `CommandFailure`, `ImportError`, `ModelError`.
    init(recipe: Recipe, table: InteractionTable, cleaning: CleaningPipeline, identity: FigureIdentity, workers: Int) throws {
        self.recipe = recipe
        self.identity = identity
        self.workers = workers
        stream = RandomStream(seed: identity.seed, "train")
        let steps = cleaning.steps + recipe.cleaning
        let (kept, _) = CleaningPipeline(steps).apply(to: table)
        let events = kept.eventsPerUser
        let minimum = recipe.minimumUserEvents
        data = kept.selecting((0..<kept.count).lazy.filter { events[Int(kept.user[$0])] >= minimum })
        guard data.count > 0, data.items.count >= 2 else {
            throw CommandFailure(.dataError, "no user has \(minimum) events, or there is but one item; lower minimum-user-events or give more data")
        }
        filter = (steps.map(\.description) + ["users with ≥ \(minimum) events"]).joined(separator: ", ")
        split = try PooledSplit(data, rule: recipe.split, stream: stream.child("split"))
        guard !split.test.isEmpty else { throw CommandFailure(.dataError, "nobody has events to test on; give more data or another split") }
        model = try recipe.model.recommender(itemCount: data.items.count)
        if let count = recipe.stopping.validationUsers, count < split.validation.count {
            var order = Array(split.validation.indices)
            var numbers = stream.child("validation users")
            numbers.shuffle(&order)
            split.validation = order.prefix(count).sorted().map { split.validation[$0] }
        }
    }

    /// - Parameters:
    ///   - everySteps: steps between checkpoints within an epoch; 0: none there.
    ///   - progress: is given every epoch.
    func run(
        checkpoints: CheckpointDirectory?, resuming: Bool, everySteps: Int, progress: @Sendable (EpochReport) throws -> Void
    ) async throws -> TrainingReport {
        let clock = ContinuousClock()
        let start = clock.now
        var run = PooledRun(try algorithm(split.train), epochs: recipe.settings.training.epochs, stopping: recipe.stopping, stream: stream.child("run"))
        if let checkpoints {
            if resuming, let checkpoint = try checkpoints.latest() { try run.resume(from: checkpoint) }
            if everySteps > 0 { run.pause(everySteps: everySteps) { try checkpoints.store($0) } }
        }
        while !run.isFinished {
            let begun = clock.now
            var validated = Duration.zero
            let record = try await run.runEpoch(
                validate: split.validation.isEmpty
                    ? nil
                    : { parameters in
                        let before = clock.now
                        let value = recipe.stopping.metric.value(try await metrics(parameters, split.validation))
                        validated = clock.now - before
                        return value
                    })
            try checkpoints?.store(run.checkpoint)
            try progress(EpochReport(record, metric: recipe.stopping.metric, seconds: (clock.now - begun - validated).inSeconds, validationSeconds: validated.inSeconds))
        }
        let standing = run.standing
        let parameters = recipe.refit ? try await refitted(epochs: standing.bestEpoch) : standing.bestParameters
        let seconds = (clock.now - start).inSeconds
        return TrainingReport(
            self, parameters: parameters, standing: standing, seconds: seconds, test: try await metrics(parameters, split.test), floors: try await floors())
    }

    private func algorithm(_ users: UserSequences) throws -> any PooledAlgorithm {
        try recipe.model.pooledAlgorithm(users: users, itemCount: data.items.count, settings: recipe.settings, workers: workers, stream: stream.child("model"))
    }

    /// Training and validation events together, for as many epochs as validation chose.
    private func refitted(epochs: Int) async throws -> [Float] {
        var algorithm = try algorithm(split.trainAndValidation)
        for epoch in 0..<epochs { _ = try await algorithm.runEpoch(epoch, stream: stream.child("run")) }
        return algorithm.parameters
    }

    func metrics(_ parameters: [Float], _ cases: [EvaluationCase]) async throws -> RankingMetrics {
        let prepared = model.prepared(parameters)
        let scorer = ClosureScorer(itemCount: prepared.itemCount) { prepared.scores(histories: $0) }
        return try await evaluator.evaluate(scorer, cases: cases).metrics
    }

    private var evaluator: RankingEvaluator { RankingEvaluator(cutoffs: recipe.cutoffs, seen: recipe.seen, workers: workers) }

    /// What counting alone reaches on the same test.
    func floors() async throws -> [(name: String, metrics: RankingMetrics)] {
        let train = split.train
        let popularity = PopularityBaseline(items: train.items, itemCount: data.items.count)
        let markov = MarkovBaseline(items: train.items, offsets: train.offsets, itemCount: data.items.count)
        var floors = [
            ("popularity", try await evaluator.evaluate(popularity, cases: split.test).metrics),
            ("markov", try await evaluator.evaluate(markov, cases: split.test).metrics),
        ]
        if let times = split.trainTimes {
            let recent = RecentPopularityBaseline(items: train.items, times: times, itemCount: data.items.count)
            floors.append(("recent-popularity", try await evaluator.evaluate(recent, cases: split.test).metrics))
        }
        return floors
    }

    var evaluationProtocol: EvaluationProtocol {
        EvaluationProtocol(dataDigest: identity.dataDigest, filter: filter, split: split.description, seen: recipe.seen)
    }
}

extension Duration {
    var inSeconds: Double { Double(components.seconds) + Double(components.attoseconds) * 1e-18 }
}
