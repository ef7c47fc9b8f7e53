import CommandSupport
import Foundation
import Interactions
import LocalTraining
import PlanFiles
import RankingEvaluation
import RecommenderModels

/// One line of progress.
struct EpochReport: Encodable, Sendable {
    var epoch: Int
    var loss: Double?
    /// Under the name of the metric; absent when it was not this epoch's turn.
    var validation: [String: Double]?
    var best: Bool
    var seconds: Double
    var validationSeconds: Double

    enum CodingKeys: String, CodingKey {
        case epoch, loss, validation, best, seconds, validationSeconds = "validation_seconds"
    }

    init(_ record: EpochRecord, metric: EarlyStopping.Metric, seconds: Double, validationSeconds: Double) {
        epoch = record.epoch
        loss = record.loss
        validation = record.validation.map { [metric.rawValue: $0] }
        best = record.isBest
        self.seconds = seconds
        self.validationSeconds = validationSeconds
    }

    var text: String {
        let figures = (validation ?? [:]).map { "validation \($0.key) \(decimal($0.value, 4))" }.joined()
        return "epoch \(epoch)  \(loss.map { "loss \(decimal($0, 4))  " } ?? "")\(figures)\(best ? " best" : "")  \(decimal(seconds, 2)) s + \(decimal(validationSeconds, 2)) s"
    }
}

/// What `simulate train` prints last: the figures of the chosen epoch on the test events, and all that they depend on.
struct TrainingReport: Encodable {
    var identity: FigureIdentity
    var parameters: [Float]
    var users: Int
    var items: Int
    var events: Int
    var testedUsers: Int
    var standing: PooledStanding
    /// Training with validation, without reading the data and testing.
    var seconds: Double
    var workers: Int
    var test: RankingMetrics
    var floors: [(name: String, metrics: RankingMetrics)]
    var evaluation: EvaluationProtocol
    /// Of a federation: what it was.
    var federation: FederationFacts?

    /// What made a federated figure.
    struct FederationFacts: Encodable {
        var nodes: Int
        var publishedRounds: Int
        var abandonedRounds: Int
        var planDigest: String
        var privacy: String
        /// ε of the plan after all attempts, at its δ; 0 without privacy.
        var epsilon: Double

        enum CodingKeys: String, CodingKey {
            case nodes, publishedRounds = "published_rounds", abandonedRounds = "abandoned_rounds", planDigest = "plan_digest", privacy, epsilon
        }
    }

    init(
        _ experiment: TrainingExperiment, parameters: [Float], standing: PooledStanding, seconds: Double, test: RankingMetrics,
        floors: [(name: String, metrics: RankingMetrics)], federation: FederationFacts? = nil
    ) {
        self.federation = federation
        identity = experiment.identity
        self.parameters = parameters
        users = experiment.data.users.count
        items = experiment.data.items.count
        events = experiment.data.count
        testedUsers = test.userCount
        self.standing = standing
        self.seconds = seconds
        workers = experiment.workers
        self.test = test
        self.floors = floors
        evaluation = experiment.evaluationProtocol
    }

    private static func figures(_ metrics: RankingMetrics) -> [(name: String, value: Double)] {
        metrics.cutoffs.flatMap { k in
            let values = metrics.values(at: k)
            return [("hr@\(k)", values.hitRate), ("ndcg@\(k)", values.ndcg), ("recall@\(k)", values.recall), ("precision@\(k)", values.precision), ("mrr@\(k)", values.reciprocalRank)]
        }
    }

    func encode(to encoder: any Encoder) throws {
        var line = encoder.container(keyedBy: FigureKey.self)
        for figure in Self.figures(test) { try line.encode(figure.value, forKey: FigureKey(figure.name)) }
        try line.encode(identity.recipe.modelName, forKey: FigureKey("model"))
        try line.encode(identity.recipe.name, forKey: FigureKey("recipe"))
        try line.encode(identity.recipeDigest, forKey: FigureKey("recipe_digest"))
        try line.encode(identity.dataDigest, forKey: FigureKey("data_digest"))
        try line.encode(identity.seed, forKey: FigureKey("seed"))
        try line.encode(parameters.count, forKey: FigureKey("parameters"))
        try line.encode(users, forKey: FigureKey("users"))
        try line.encode(items, forKey: FigureKey("items"))
        try line.encode(events, forKey: FigureKey("events"))
        try line.encode(testedUsers, forKey: FigureKey("tested_users"))
        try line.encode(standing.bestEpoch, forKey: FigureKey("epochs"))
        try line.encode(standing.epoch, forKey: FigureKey("epochs_run"))
        try line.encode(seconds, forKey: FigureKey("seconds"))
        try line.encode(workers, forKey: FigureKey("workers"))
        try line.encode(identity.recipe.refit, forKey: FigureKey("refit"))
        try line.encodeIfPresent(federation, forKey: FigureKey("federation"))
        try line.encode(evaluation, forKey: FigureKey("protocol"))
        try line.encode(CommandLine.arguments.dropFirst().joined(separator: " "), forKey: FigureKey("command"))
        if let value = standing.bestValue {
            try line.encode([identity.recipe.stopping.metric.rawValue: value], forKey: FigureKey("validation"))
        }
        var rows = line.nestedContainer(keyedBy: FigureKey.self, forKey: FigureKey("floors"))
        for floor in floors {
            var row = rows.nestedContainer(keyedBy: FigureKey.self, forKey: FigureKey(floor.name))
            for figure in Self.figures(floor.metrics) { try row.encode(figure.value, forKey: FigureKey(figure.name)) }
        }
    }

    var text: String {
        var table = TextTable([("on the test events", .left), (identity.recipe.modelName, .right)] + floors.map { ($0.name, .right) })
        let columns = [test] + floors.map(\.metrics)
        for (row, figure) in Self.figures(test).enumerated() {
            table.add([figure.name] + columns.map { decimal(Self.figures($0)[row].value, 4) })
        }
        return """
            \(identity.recipe.name) · seed \(identity.seed) · \(users) users · \(items) items · \(events) events · \(parameters.count) parameters
            \(table.rendered())
            \(federation.map { "\($0.nodes) nodes, privacy \($0.privacy), round" } ?? "epoch") \(standing.bestEpoch) of \(standing.epoch)\(standing.bestValue.map { ", validation \(identity.recipe.stopping.metric.rawValue) \(decimal($0, 4))" } ?? "") · \(decimal(seconds, 1)) s
            \(evaluation.summary)
            """
    }
}

/// A key of a figure, such as `ndcg@10`.
struct FigureKey: CodingKey {
    var stringValue: String
    var intValue: Int? { nil }
    init(_ name: String) { stringValue = name }
    init?(stringValue: String) { self.init(stringValue) }
    init?(intValue: Int) { nil }
}
