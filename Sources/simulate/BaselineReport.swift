import CommandSupport
import RankingEvaluation

/// What `simulate baseline` prints: figures at each k, and the protocol they belong to.
struct BaselineReport: Encodable {
    var model: String
    var users: Int
    var items: Int
    var events: Int
    /// Of all events over the items.
    var popularityGini: Double
    var ranking: RankingReport
    var evaluation: EvaluationProtocol

    private struct Key: CodingKey {
        var stringValue: String
        var intValue: Int? { nil }
        init(_ name: String) { stringValue = name }
        init?(stringValue: String) { self.init(stringValue) }
        init?(intValue: Int) { nil }
    }

    /// Name and value of every figure.
    private var figures: [(name: String, value: Double)] {
        var figures: [(String, Double)] = []
        for k in ranking.metrics.cutoffs {
            let values = ranking.metrics.values(at: k)
            figures += [
                ("hr@\(k)", values.hitRate), ("recall@\(k)", values.recall), ("precision@\(k)", values.precision), ("ndcg@\(k)", values.ndcg),
                ("mrr@\(k)", values.reciprocalRank), ("map@\(k)", values.averagePrecision),
            ]
        }
        if let lists = ranking.lists, let k = ranking.metrics.cutoffs.last {
            figures += [("coverage@\(k)", lists.coverage), ("novelty@\(k)", lists.meanNovelty), ("gini@\(k)", lists.exposureGini)]
            if let diversity = lists.intraListDiversity { figures.append(("diversity@\(k)", diversity)) }
        }
        return figures
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Key.self)
        try container.encode(model, forKey: Key("model"))
        try container.encode(users, forKey: Key("users"))
        try container.encode(items, forKey: Key("items"))
        try container.encode(events, forKey: Key("events"))
        try container.encode(popularityGini, forKey: Key("popularity_gini"))
        try container.encode(evaluation, forKey: Key("protocol"))
        for figure in figures { try container.encode(figure.value, forKey: Key(figure.name)) }
    }

    var text: String {
        var table = TextTable([("figure", .left), (model, .right)])
        for figure in figures { table.add([figure.name, decimal(figure.value, 4)]) }
        return """
            \(users) users · \(items) items · \(events) events · popularity Gini \(decimal(popularityGini, 4))
            \(table.rendered())
            \(evaluation.summary)
            """
    }
}
