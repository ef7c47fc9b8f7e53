import ArgumentParser
import CommandSupport
import DataFiles
import Foundation
import Interactions
import RankingEvaluation

/// The floors that every trained model must beat.
struct Baseline: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "baseline",
        abstract: "Evaluate a counting baseline on a file of events.",
        discussion: """
            Splits each user's events by leave-one-out (last: test, the one before: validation, the rest trains), ranks the test item \
            among all items of the kept users, and prints the figures with the protocol they were measured by.
            """)

    enum Model: String, CaseIterable, ExpressibleByArgument {
        case popularity, markov
        case userKNN = "user-knn"
    }

    @Option(help: ArgumentHelp("File of events, plain or gzip.", valueName: "file"))
    var data: String
    @OptionGroup(title: "Input") var input: InputOptions
    @Option(help: "Which baseline: popularity, or markov (first order, popularity back-off), or user-knn (100 most similar users).")
    var model: Model = .popularity
    @Option(help: "Users with fewer events are left out, with the items only they met; at least 3.")
    var minimumEvents = 3
    @Option(help: "Whether items of the history are candidates: removed or kept.")
    var seen: SeenRule = .removed
    @Option(help: "What the test item is ranked among: full, or sampled:N (N items the user never met; not comparable with full).")
    var candidates: CandidateRule = .full
    @Option(name: .customLong("cutoff"), parsing: .upToNextOption, help: "Values of k.")
    var cutoffs: [Int] = [10]
    @Option(help: "Seed of sampled candidates.")
    var seed: UInt64 = 0
    @OptionGroup var output: OutputOptions

    func validate() throws {
        guard minimumEvents >= 3 else { throw ValidationError("--minimum-events must be at least 3, one event each to train, validate and test") }
        guard !cutoffs.isEmpty, cutoffs.allSatisfy({ $0 >= 1 }) else { throw ValidationError("--cutoff takes numbers from 1") }
    }

    func run() async throws {
        try await reportingFailures({ InputOptions.status(of: $0) }) {
            let file = try input.read(data)
            let report = try await BaselineRun(
                table: file.table, digest: hexadecimal(file.digest), model: model, minimumEvents: minimumEvents, seen: seen, candidates: candidates,
                cutoffs: cutoffs, seed: seed, cleaning: input.pipeline
            ).report()
            switch output.format {
            case .json: StandardStreams.output(try report.jsonLine())
            case .text:
                for line in file.report.lines { StandardStreams.error(line) }
                StandardStreams.output(report.text)
            }
        }
    }
}

/// One baseline on one table.
struct BaselineRun {
    var table: InteractionTable
    var digest: String
    var model: Baseline.Model
    var minimumEvents: Int
    var seen: SeenRule
    var candidates: CandidateRule
    var cutoffs: [Int]
    var seed: UInt64
    var cleaning: CleaningPipeline

    func report() async throws -> BaselineReport {
        let (kept, _) = CleaningPipeline(cleaning.steps).apply(to: table)
        let events = kept.eventsPerUser
        let data = kept.selecting((0..<kept.count).lazy.filter { events[Int(kept.user[$0])] >= minimumEvents })
        guard data.count > 0 else { throw CommandFailure(.dataError, "no user has \(minimumEvents) events; lower --minimum-events or give more data") }
        let split = LeaveOneOut(data.sequences(), minimumEvents: minimumEvents)
        let cases = split.evaluatedUsers.map { EvaluationCase(history: split.testHistory(of: $0), target: split.test[$0]) }
        let popularity = PopularityBaseline(items: split.train.items, itemCount: data.items.count)
        let evaluator = RankingEvaluator(
            cutoffs: cutoffs, candidates: candidates, seen: seen, seed: seed, workers: ProcessInfo.processInfo.activeProcessorCount,
            facts: ListMetrics.ItemFacts(trainingCounts: popularity.counts))
        let ranking =
            switch model {
            case .popularity: try await evaluator.evaluate(popularity, cases: cases)
            case .markov:
                try await evaluator.evaluate(
                    MarkovBaseline(items: split.train.items, offsets: split.train.offsets, itemCount: data.items.count), cases: cases)
            case .userKNN:
                try await evaluator.evaluate(
                    UserNeighboursBaseline(items: split.train.items, offsets: split.train.offsets, itemCount: data.items.count), cases: cases)
            }
        let filter = (cleaning.steps.map(\.description) + ["users with ≥ \(minimumEvents) events"]).joined(separator: ", ")
        return BaselineReport(
            model: model.rawValue, users: data.users.count, items: data.items.count, events: data.count,
            popularityGini: Concentration.gini(data.eventsPerItem), ranking: ranking,
            evaluation: EvaluationProtocol(
                dataDigest: digest, filter: filter, split: "leave-one-out, last event tested", candidates: candidates, seen: seen, seed: seed))
    }
}
