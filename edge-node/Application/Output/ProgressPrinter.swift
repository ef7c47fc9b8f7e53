internal import CommandSupport
internal import EdgeRuntime
internal import Federation

/// Shows a node's progress: one line that changes on a terminal, a plain line for each fact in a pipe, JSON lines for programs.
struct ProgressPrinter: Sendable {
    let format: OutputFormat
    let isTerminal: Bool

    func show(_ progress: NodeProgress) {
        if format == .json {
            if let line = try? ProgressLine(progress).jsonLine() { StandardStreams.output(line) }
            return
        }
        guard let text = Self.text(progress) else { return }
        switch (isTerminal, Self.isPassing(progress)) {
        case (true, true): StandardStreams.outputFragment("\r\u{1B}[K" + text)
        case (true, false): StandardStreams.output("\r\u{1B}[K" + text)
        case (false, true): break
        case (false, false): StandardStreams.output(text)
        }
    }

    /// Whether the next fact replaces it.
    private static func isPassing(_ progress: NodeProgress) -> Bool {
        switch progress {
        case .downloading, .uploading, .training: true
        default: false
        }
    }

    private static func text(_ progress: NodeProgress) -> String? {
        switch progress {
        case .joined(_, let name, let users): "joined plan \(name) with \(users) users"
        case .refused(let plan, let reason): "refused plan \(plan.short): \(reason)"
        case .downloading(let digest, let bytes, let total): "downloading \(digest.short): \(byteText(bytes)) of \(byteText(total))"
        case .serving(let model): "serving the model of round \(model.round) (\(model.digest.short))"
        case .evaluated(let report):
            "\(title(report.scorer)): HR@10 \(decimal(report.hitRate, 4)), NDCG@10 \(decimal(report.ndcg, 4)) over \(report.users) users"
        case .training(let round, let users): "round \(round): training \(users) users"
        case .trained(let round, let loss, let clipped, let users):
            "round \(round): trained \(users) users\(loss.map { ", loss \(decimal($0, 4))" } ?? "")\(clipped > 0 ? ", \(clipped) clipped" : "")"
        case .uploading(let round, let bytes, let total): "round \(round): sending \(byteText(bytes)) of \(byteText(total))"
        case .settled(let round, let outcome): "round \(round): update \(outcomeText(outcome))"
        case .declined(let round, let reason): "round \(round): declined, \(reason.rawValue)"
        case .alarm(let round, let what): "round \(round): ALARM, \(what)"
        case .unavailable(let reason, let pause): "waiting \(decimal(Double(pause.milliseconds) / 1000, 1)) s: \(reason)"
        case .planEnded(let plan): "plan \(plan.short) is over"
        }
    }

    static func title(_ scorer: LocalReport.Scorer) -> String {
        if case .model(let model) = scorer { return "round \(model.round)" }
        return "baseline \(scorer.name)"
    }

    static func outcomeText(_ outcome: UpdateOutcome) -> String {
        switch outcome {
        case .accepted: "accepted"
        case .notNeeded: "not needed"
        case .dropped: "dropped"
        case .rejected(let reason): "rejected: \(reason.rawValue)"
        }
    }
}

/// A fact for programs; absent fields do not apply.
struct ProgressLine: Encodable {
    var event: String
    var plan: String?
    var round: Int?
    var users: Int?
    var bytes: Int?
    var total: Int?
    var model: String?
    var scorer: String?
    var hitRate: Double?
    var ndcg: Double?
    var loss: Double?
    var clipped: Int?
    var outcome: String?
    var reason: String?
    var pauseMilliseconds: Int64?

    enum CodingKeys: String, CodingKey {
        case event, plan, round, users, bytes, total, model, scorer, loss, clipped, outcome, reason, pauseMilliseconds
        case hitRate = "hr@10"
        case ndcg = "ndcg@10"
    }

    init(_ progress: NodeProgress) {
        switch progress {
        case .joined(let plan, _, let users): (event, self.plan, self.users) = ("joined", plan.hex, users)
        case .refused(let plan, let reason): (event, self.plan, self.reason) = ("refused", plan.hex, reason)
        case .downloading(let digest, let bytes, let total): (event, model, self.bytes, self.total) = ("downloading", digest.hex, bytes, total)
        case .serving(let model): (event, round, self.model) = ("serving", model.round, model.digest.hex)
        case .evaluated(let report):
            event = "evaluated"
            plan = report.plan.hex
            scorer = report.scorer.name
            if case .model(let reference) = report.scorer { (round, model) = (reference.round, reference.digest.hex) }
            (users, hitRate, ndcg) = (report.users, report.hitRate, report.ndcg)
        case .training(let round, let users): (event, self.round, self.users) = ("training", round.value, users)
        case .trained(let round, let loss, let clipped, let users):
            (event, self.round, self.loss, self.clipped, self.users) = ("trained", round.value, loss, clipped, users)
        case .uploading(let round, let bytes, let total): (event, self.round, self.bytes, self.total) = ("uploading", round.value, bytes, total)
        case .settled(let round, let outcome): (event, self.round, self.outcome) = ("settled", round.value, ProgressPrinter.outcomeText(outcome))
        case .declined(let round, let reason): (event, self.round, self.reason) = ("declined", round.value, reason.rawValue)
        case .alarm(let round, let what): (event, self.round, self.reason) = ("alarm", round.value, what)
        case .unavailable(let reason, let pause): (event, self.reason, pauseMilliseconds) = ("unavailable", reason, pause.milliseconds)
        case .planEnded(let plan): (event, self.plan) = ("plan-ended", plan.hex)
        }
    }
}
