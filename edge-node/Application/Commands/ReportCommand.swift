internal import ArgumentParser
internal import CommandSupport
internal import EdgeRuntime
internal import EdgeStore
internal import Federation
internal import Interactions

struct ReportCommand: AsyncParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "report", abstract: "Shows how each model version did on this node's held-out events, next to counting baselines.",
            discussion: evaluationProtocol)
    }
    @OptionGroup var location: DirectoryOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        try await reportingFailures(exitStatus) { try show(try await location.node.existingStorage().reports(), as: output.format) }
    }
}

struct EvaluateCommand: AsyncParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "evaluate", abstract: "Scores the model that is served on this node's held-out events as they are now, next to counting baselines.",
            discussion: evaluationProtocol)
    }
    @OptionGroup var location: DirectoryOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        try await reportingFailures(exitStatus) {
            let storage = try location.node.existingStorage()
            guard let engine = try await storage.storedEngine() else {
                throw CommandFailure(.configuration, "There is no model yet; it comes with `edge-node run` and the first round of a plan.")
            }
            let workers = try location.settings().workers
            let interactions = try await storage.interactions(with: engine.catalog)
            let evaluation = HeldOutEvaluation(interactions.sequences, plan: engine.plan, workers: workers)
            let now = NodeSeams.current.clock.now
            let reports = try await evaluation.baselines(itemCount: engine.catalog.count, at: now) + [try await evaluation.report(of: engine, at: now)]
            for report in reports { try await storage.saveReport(report) }
            try show(reports, as: output.format)
        }
    }
}

/// Stated with every figure.
private let evaluationProtocol = """
    Protocol: each user with at least three events of catalog items; the last one is the target, the history is everything before it; all catalog items \
    are candidates, those of the history removed; ties count at mid-rank; the baselines count this node's training events only.
    """

private func show(_ reports: [LocalReport], as format: OutputFormat) throws {
    switch format {
    case .json:
        for report in reports { StandardStreams.output(try ReportLine(report).jsonLine()) }
    case .text:
        guard !reports.isEmpty else { return StandardStreams.output("Nothing was evaluated yet; `edge-node run` evaluates every model version it receives.") }
        var table = TextTable([("plan", .left), ("scorer", .left), ("round", .right), ("users", .right), ("HR@10", .right), ("NDCG@10", .right), ("MRR", .right)])
        for report in reports {
            let line = ReportLine(report)
            table.add([
                String(line.plan.prefix(12)), line.scorer, line.round.map { "\($0)" } ?? "–", "\(report.users)", decimal(report.hitRate, 4),
                decimal(report.ndcg, 4), decimal(report.meanReciprocalRank, 4),
            ])
        }
        StandardStreams.output(table.rendered())
        StandardStreams.output("leave-one-out (last event) · candidates full · seen removed · ties mid-rank · this node's users only")
    }
}

struct ReportLine: Encodable {
    var plan: String
    var scorer: String
    var round: Int?
    var model: String?
    var users: Int
    var hitRate: Double
    var ndcg: Double
    var reciprocalRank: Double
    /// Milliseconds since 1970.
    var time: Int64

    enum CodingKeys: String, CodingKey {
        case plan, scorer, round, model, users, time
        case hitRate = "hr@10"
        case ndcg = "ndcg@10"
        case reciprocalRank = "mrr"
    }

    init(_ report: LocalReport) {
        plan = report.plan.hex
        scorer = report.scorer.name
        if case .model(let reference) = report.scorer {
            round = reference.round
            model = reference.digest.hex
        }
        users = report.users
        hitRate = report.hitRate
        ndcg = report.ndcg
        reciprocalRank = report.meanReciprocalRank
        time = report.time.milliseconds
    }
}
