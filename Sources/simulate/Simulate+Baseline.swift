import ArgumentParser
import CommandSupport
import DataFiles
import Foundation
import Interactions
import LocalTraining
import RankingEvaluation
import SeededNoise
import SeededRandom

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
        case popularity
        case recentPopularity = "recent-popularity"
        case markov
        case userKNN = "user-knn"
        case privatePopularity = "private-popularity"
        case privateMarkov = "private-markov"
    }

    @Option(help: ArgumentHelp("File of events, plain or gzip.", valueName: "file"))
    var data: String
    @OptionGroup(title: "Input") var input: InputOptions
    @Option(help: "Which baseline: popularity; recent-popularity (needs times); markov (first order, popularity back-off); user-knn (100 most similar users); private-popularity and private-markov (one release of noisy counts; the noise comes from the seed and protects nobody).")
    var model: Model = .popularity
    @Option(help: "Users with fewer events are left out, with the items only they met; at least 3.")
    var minimumEvents = 3
    @Option(help: "Whether items of the history are candidates: removed or kept.")
    var seen: SeenRule = .removed
    @Option(help: "What the test item is ranked among: full, or sampled:N (N items the user never met; not comparable with full).")
    var candidates: CandidateRule = .full
    @Option(name: .customLong("cutoff"), parsing: .upToNextOption, help: "Values of k.")
    var cutoffs: [Int] = [10]
    @Option(help: "How events are split: leave-one-out, random:SHARE or global-time:SHARE (that share of the events trains).")
    var split: BaselineSplit = .leaveOneOut
    @Option(help: "Seed of sampled candidates, random splits and simulated noise.")
    var seed: UInt64 = 0
    @Option(help: "Length of the period of recent-popularity, in days.")
    var recentDays = 7.0
    @Option(help: "What a private baseline may cost a user.")
    var epsilon = 8.0
    @Option(help: "The δ that goes with it.")
    var delta = 1e-5
    @OptionGroup var output: OutputOptions

    func validate() throws {
        guard minimumEvents >= 3 else { throw ValidationError("--minimum-events must be at least 3, one event each to train, validate and test") }
        guard recentDays > 0, recentDays < 1e6 else { throw ValidationError("--recent-days must be above 0") }
        guard epsilon > 0, epsilon.isFinite, delta > 0, delta < 1 else { throw ValidationError("--epsilon must be above 0 and --delta between 0 and 1") }
        guard !cutoffs.isEmpty, cutoffs.allSatisfy({ $0 >= 1 }) else { throw ValidationError("--cutoff takes numbers from 1") }
    }

    func run() async throws {
        try await reportingFailures({ InputOptions.status(of: $0) }) {
            let file = try input.read(data)
            let report = try await BaselineRun(
                table: file.table, digest: hexadecimal(file.digest), model: model, minimumEvents: minimumEvents, seen: seen, candidates: candidates,
                cutoffs: cutoffs, seed: seed, cleaning: input.pipeline, rule: split.rule, recentDays: recentDays, epsilon: epsilon, delta: delta
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
    var rule: SplitRule
    var recentDays: Double
    var epsilon: Double
    var delta: Double

    func report() async throws -> BaselineReport {
        let (kept, _) = CleaningPipeline(cleaning.steps).apply(to: table)
        let events = kept.eventsPerUser
        let data = kept.selecting((0..<kept.count).lazy.filter { events[Int(kept.user[$0])] >= minimumEvents })
        guard data.count > 0 else { throw CommandFailure(.dataError, "no user has \(minimumEvents) events; lower --minimum-events or give more data") }
        let split = try PooledSplit(data, rule: rule, stream: RandomStream(seed: seed, "split"))
        let train = split.train
        let popularity = PopularityBaseline(items: train.items, itemCount: data.items.count)
        let evaluator = RankingEvaluator(
            cutoffs: cutoffs, candidates: candidates, seen: seen, seed: seed, workers: ProcessInfo.processInfo.activeProcessorCount,
            facts: ListMetrics.ItemFacts(trainingCounts: popularity.counts))
        let ranking = try await evaluator.evaluate(try scorer(train, split, popularity), cases: split.test)
        let filter = (cleaning.steps.map(\.description) + ["users with ≥ \(minimumEvents) events"]).joined(separator: ", ")
        return BaselineReport(
            model: model.rawValue, users: data.users.count, items: data.items.count, events: data.count,
            popularityGini: Concentration.gini(data.eventsPerItem), ranking: ranking,
            evaluation: EvaluationProtocol(
                dataDigest: digest, filter: filter, split: split.description, candidates: candidates, seen: seen, seed: seed))
    }

    private func scorer(_ train: UserSequences, _ split: PooledSplit, _ popularity: PopularityBaseline) throws -> any SequenceScorer {
        let itemCount = popularity.itemCount
        func privateCounts() throws -> PrivateCounts {
            try PrivateCounts(itemCount: itemCount, epsilon: epsilon, delta: delta, source: SeededNoiseSource(seed: seed))
        }
        switch model {
        case .popularity: return popularity
        case .markov: return MarkovBaseline(items: train.items, offsets: train.offsets, itemCount: itemCount)
        case .userKNN: return UserNeighboursBaseline(items: train.items, offsets: train.offsets, itemCount: itemCount)
        case .recentPopularity:
            guard let times = split.trainTimes else {
                throw CommandFailure(.dataError, "recent-popularity needs a time for every event and a split that respects time; name the column of times, or choose popularity")
            }
            return RecentPopularityBaseline(items: train.items, times: times, itemCount: itemCount, days: recentDays)
        case .privatePopularity: return try privateCounts().popularity(of: train)
        case .privateMarkov: return try privateCounts().markov(of: train)
        }
    }
}

/// How `simulate baseline` splits.
enum BaselineSplit: ExpressibleByArgument, Equatable {
    case leaveOneOut
    case random(Double)
    case globalTime(Double)

    init?(argument: String) {
        let parts = argument.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
        let share = parts.count == 2 ? Double(parts[1]) : nil
        switch (parts[0], share) {
        case ("leave-one-out", nil) where parts.count == 1: self = .leaveOneOut
        case ("random", let share?) where share > 0 && share < 1: self = .random(share)
        case ("global-time", let share?) where share > 0 && share < 1: self = .globalTime(share)
        default: return nil
        }
    }
    var defaultValueDescription: String { "leave-one-out" }

    var rule: SplitRule {
        switch self {
        case .leaveOneOut: .leaveOneOut
        case .random(let share): .random(train: share, validation: 0)
        case .globalTime(let share): .globalTime(train: share, validation: 0)
        }
    }
}
