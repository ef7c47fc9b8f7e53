import EdgeRuntime
public import Federation
public import Interactions
import RankingEvaluation
import RecommenderModels

/// The held-out events of all silos together, as the owner of a simulation may score them: one evaluation per model instead of
/// one per node.
public struct PooledHeldOut: Sendable {
    /// Which event is ranked; everything before it is the history.
    public enum Part: Sendable, Hashable {
        /// The last event but one.
        case validation
        /// The last event.
        case test
    }

    private let split: LeaveOneOut
    private let workers: Int

    /// - Parameters:
    ///   - silos: users of the same name in two silos count as two.
    ///   - catalog: events of other items are left out.
    ///   - workers: threads; no result depends on it.
    public init(_ silos: [SimulatedSilo], catalog: Catalog, workers: Int) {
        var sequences: [[Int32]] = []
        for silo in silos.sorted(by: { $0.node < $1.node }) {
            var rows: [String: Int] = [:]
            var events: [[(time: Int64, item: Int32)]] = []
            for event in silo.events {
                guard let item = catalog.index(of: event.item) else { continue }
                let row = rows[event.user] ?? events.count
                if row == events.count {
                    rows[event.user] = row
                    events.append([])
                }
                events[row].append((event.time ?? .min, item))
            }
            sequences += events.map { events in
                events.enumerated().sorted { ($0.element.time, $0.offset) < ($1.element.time, $1.offset) }.map(\.element.item)
            }
        }
        split = LeaveOneOut(UserSequences(sequences))
        self.workers = workers
    }

    /// Users with an event to rank.
    public var userCount: Int { split.evaluatedUsers.count }

    /// Ranks among the full catalog, items of the history removed, ties at mid-rank.
    /// - Parameters:
    ///   - parameters: of the plan's model.
    /// - Returns: HR@10 and NDCG@10, means over the users.
    public func evaluate(_ parameters: [Float], of plan: Plan, on part: Part) async throws -> (hitRate: Double, ndcg: Double) {
        let cases = split.evaluatedUsers.map { user in
            switch part {
            case .validation: EvaluationCase(history: split.validationHistory(of: user), target: split.validation[user])
            case .test: EvaluationCase(history: split.testHistory(of: user), target: split.test[user])
            }
        }
        let model = try plan.recommender().prepared(parameters)
        let scorer = ClosureScorer(itemCount: model.itemCount) { model.scores(histories: $0) }
        let metrics = try await RankingEvaluator(cutoffs: [10], workers: workers).evaluate(scorer, cases: cases).metrics.values(at: 10)
        return (metrics.hitRate, metrics.ndcg)
    }
}
