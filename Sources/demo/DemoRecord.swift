import CommandSupport

/// What the nodes and the coordinator say of one run, put together. The demo may see every node's local report because it owns
/// all silos; a coordinator never does in a private mode.
actor DemoRecord {
    struct Means: Sendable {
        var users = 0
        var hits = 0.0
        var ndcg = 0.0
        var hitRate: Double { users == 0 ? 0 : hits / Double(users) }
        var meanNDCG: Double { users == 0 ? 0 : ndcg / Double(users) }
    }
    private var evaluations: [Int: Means] = [:]
    private var losses: [Int: (sum: Double, users: Int)] = [:]
    private var plans: [String: String] = [:]
    private var ended: Set<String> = []
    private(set) var refusals: [String] = []
    private let plan: String
    private let nodes: Int
    private let show: @Sendable (String, Bool) -> Void

    /// - Parameters:
    ///   - plan: digest of the run's plan.
    ///   - show: told lines of progress; `true` when the next one replaces it.
    init(plan: String, nodes: Int, show: @escaping @Sendable (String, Bool) -> Void) {
        self.plan = plan
        self.nodes = nodes
        self.show = show
    }

    var isOver: Bool { ended.count == nodes }
    func evaluation(ofRound round: Int) -> Means? { evaluations[round].flatMap { $0.users > 0 ? $0 : nil } }
    /// Mean over users of the last local epoch's loss, in nats per event.
    func loss(ofRound round: Int) -> Double? { losses[round].map { $0.sum / Double(max(1, $0.users)) } }

    /// A line that `edge-node run --format json` printed.
    func take(_ line: NodeLine, from node: String) {
        if let named = line.plan { plans[node] = named }
        guard plans[node] == plan else { return }
        switch line.event {
        case "evaluated" where line.scorer == "model":
            guard let round = line.round, let users = line.users, let hitRate = line.hitRate, let ndcg = line.ndcg else { return }
            evaluations[round, default: Means()].users += users
            evaluations[round, default: Means()].hits += hitRate * Double(users)
            evaluations[round, default: Means()].ndcg += ndcg * Double(users)
        case "trained":
            guard let round = line.round, let users = line.users, let loss = line.loss else { return }
            losses[round, default: (0, 0)].sum += loss * Double(users)
            losses[round, default: (0, 0)].users += users
        case "plan-ended": ended.insert(node)
        case "refused":
            refusals.append("\(node): \(line.reason ?? "no reason given")")
        default: break
        }
        let latest = evaluations.filter { $0.value.users > 0 }.max { $0.key < $1.key }
        let state = line.event == "settled" ? "update of \(node) \(line.outcome ?? "")" : "\(node) \(line.event)"
        show("round \(line.round.map(String.init) ?? "–")  \(state)" + (latest.map { "  ·  model of round \($0.key): NDCG@10 \(decimal($0.value.meanNDCG, 4))" } ?? ""), true)
    }
}

/// A line of `edge-node run --format json`.
struct NodeLine: Decodable, Sendable {
    var event: String
    var plan: String?
    var round: Int?
    var users: Int?
    var scorer: String?
    var hitRate: Double?
    var ndcg: Double?
    var loss: Double?
    var outcome: String?
    var reason: String?

    enum CodingKeys: String, CodingKey {
        case event, plan, round, users, scorer, loss, outcome, reason
        case hitRate = "hr@10"
        case ndcg = "ndcg@10"
    }
}
