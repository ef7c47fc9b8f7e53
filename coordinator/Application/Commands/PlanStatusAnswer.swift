import CommandSupport
import CoordinatorCore
import Federation

/// What `coordinator plan status` says of one plan.
struct PlanStatusAnswer: Encodable {
    struct Round: Encodable {
        var round: Int
        /// collecting, aggregating, published or abandoned.
        var state: String
        var reason: String?
        var model: String?
        var cohort: Int
        var updates: Int
        var declined: Int
        var bytes: Int
        var seconds: Double?
        /// Means over the nodes' reports; with privacy `off` only. The ranking figures are of the model the round started from.
        var loss: Double?
        var hitRate: Double?
        var ndcg: Double?

        enum CodingKeys: String, CodingKey {
            case round, state, reason, model, cohort, updates, declined, bytes, seconds, loss
            case hitRate = "hr@10"
            case ndcg = "ndcg@10"
        }
    }
    var plan: String
    var name: String
    var privacy: String
    var state: String
    var reason: String?
    var published: Int
    var rounds: Int
    var attempts: Int
    var maximumAttempts: Int
    var nodes: [String]
    /// The newest published model version.
    var model: String?
    var records: [Round]

    init(_ status: PlanStatus) {
        plan = status.record.digest.hex
        name = status.plan.name
        privacy = status.plan.privacy.modeName
        (state, reason) = status.record.state.words
        rounds = status.plan.rounds
        maximumAttempts = status.plan.maximumAttempts
        nodes = status.joins.filter { $0.withdrawal == nil }.map(\.node.name).sorted()
        records = status.rounds.map(Round.init)
        attempts = status.attempts
        published = status.publishedRounds
        model = records.last { $0.state == "published" }?.model
    }

    /// One line about now.
    var summary: String {
        var text = "\(name) (\(plan.prefix(12))), privacy \(privacy): \(state)"
        if let reason { text += " – \(reason)" }
        text += ", \(published) of \(rounds) rounds published, \(attempts) of \(maximumAttempts) attempts, \(nodes.count) nodes joined"
        if let current = records.last, current.state == "collecting" || current.state == "aggregating" {
            text += "; round \(current.round) \(current.state), \(current.updates) of \(current.cohort) updates"
        }
        return text
    }

    var table: TextTable {
        var table = TextTable([
            ("round", .right), ("state", .left), ("updates", .right), ("bytes", .right), ("seconds", .right), ("loss", .right), ("HR@10", .right), ("NDCG@10", .right),
        ])
        for round in records {
            table.add([
                "\(round.round)", round.reason.map { "\(round.state): \($0)" } ?? round.state, "\(round.updates)/\(round.cohort)", byteText(round.bytes),
                round.seconds.map { decimal($0, 1) } ?? "–", round.loss.map { decimal($0, 4) } ?? "–", round.hitRate.map { decimal($0, 4) } ?? "–",
                round.ndcg.map { decimal($0, 4) } ?? "–",
            ])
        }
        return table
    }
}

extension PlanStatusAnswer.Round {
    init(_ record: RoundRecord) {
        round = record.round.value
        cohort = record.opening.cohort.count
        updates = record.updates.count
        declined = record.declines.count
        bytes = record.receivedByteCount
        seconds = record.duration.map { Double($0.milliseconds) / 1000 }
        switch record.state {
        case .collecting: state = "collecting"
        case .aggregating: state = "aggregating"
        case .published(let reference):
            state = "published"
            model = reference.digest.hex
        case .abandoned(let why):
            state = "abandoned"
            reason = why.rawValue
        }
        if let report = record.report {
            if report.targetCount > 0 { loss = report.lossSum / Double(report.targetCount) }
            if report.evaluatedUsers > 0 {
                hitRate = report.hitsAt10 / Double(report.evaluatedUsers)
                ndcg = report.ndcgAt10 / Double(report.evaluatedUsers)
            }
        }
    }
}

extension PlanState {
    /// The state and, where there is one, its reason.
    var words: (String, String?) {
        switch self {
        case .requested: ("requested", nil)
        case .running: ("running", nil)
        case .stopping: ("stopping", nil)
        case .finished: ("finished", nil)
        case .stopped: ("stopped", nil)
        case .failed(let reason): ("failed", reason)
        }
    }
}
