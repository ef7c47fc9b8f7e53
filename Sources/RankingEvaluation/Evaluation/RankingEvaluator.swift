/// One user to be evaluated.
public struct EvaluationCase: Sendable, Hashable {
    /// What the scorer sees, oldest first.
    public var history: ArraySlice<Int32>
    /// The items that are right, distinct; one under leave-one-out.
    public var targets: [Int32]
    /// When the first target was met, milliseconds since 1970 UTC; nil when unknown.
    public var moment: Int64?

    public init(history: ArraySlice<Int32>, target: Int32, moment: Int64? = nil) { self.init(history: history, targets: [target], moment: moment) }

    public init(history: ArraySlice<Int32>, targets: [Int32], moment: Int64? = nil) {
        self.history = history
        self.targets = targets
        self.moment = moment
    }
}

/// Figures of one evaluation.
public struct RankingReport: Sendable {
    public var metrics: RankingMetrics
    /// About the lists of the largest cut-off; nil when no facts about the items were given.
    public var lists: ListMetrics?
    /// Ranks of each case's targets, in the order of the cases.
    public var ranks: [[Double]]
}

/// Evaluates a scorer on many users at once. The figures do not depend on the number of workers.
public struct RankingEvaluator: Sendable {
    public let cutoffs: [Int]
    public let candidates: CandidateRule
    public let seen: SeenRule
    /// Of the sampled candidates.
    public let seed: UInt64
    /// Users scored in one call.
    public let batchSize: Int
    /// Batches scored at the same time.
    public let workers: Int
    /// With it, coverage, novelty, diversity and exposure are computed too.
    public let facts: ListMetrics.ItemFacts?

    /// - Parameters:
    ///   - cutoffs: values of k, each at least 1.
    ///   - batchSize: users scored in one call; at least 1.
    ///   - workers: at least 1.
    public init(
        cutoffs: [Int] = [10], candidates: CandidateRule = .full, seen: SeenRule = .removed, seed: UInt64 = 0, batchSize: Int = 32,
        workers: Int = 1, facts: ListMetrics.ItemFacts? = nil
    ) {
        precondition(batchSize >= 1 && workers >= 1, "batch size and workers must be at least 1")
        self.cutoffs = Set(cutoffs).sorted()
        self.candidates = candidates
        self.seen = seen
        self.seed = seed
        self.batchSize = batchSize
        self.workers = workers
        self.facts = facts
    }

    public func evaluate(_ scorer: some SequenceScorer, cases: [EvaluationCase]) async throws -> RankingReport {
        let batches = (cases.count + batchSize - 1) / batchSize
        let parts = try await withThrowingTaskGroup(of: [(Int, BatchResult)].self) { group in
            for worker in 0..<min(workers, max(batches, 1)) {
                group.addTask {
                    var scratch = Scratch(itemCount: scorer.itemCount)
                    var results: [(Int, BatchResult)] = []
                    for batch in stride(from: worker, to: batches, by: workers) {
                        try Task.checkCancellation()
                        let range = batch * batchSize..<min((batch + 1) * batchSize, cases.count)
                        results.append((batch, try rank(scorer, cases[range], &scratch)))
                    }
                    return results
                }
            }
            var ordered = Array(repeating: BatchResult(), count: batches)
            for try await results in group {
                for (batch, result) in results { ordered[batch] = result }
            }
            return ordered
        }
        // Summed in the order of the cases, so that no digit depends on which worker was first.
        var report = RankingReport(metrics: RankingMetrics(cutoffs: cutoffs), lists: facts.map { ListMetrics(facts: $0) }, ranks: [])
        report.ranks.reserveCapacity(cases.count)
        for part in parts {
            for ranks in part.ranks { report.metrics.add(ranks: ranks) }
            for list in part.lists { report.lists?.add(list) }
            report.ranks.append(contentsOf: part.ranks)
        }
        return report
    }

    private struct BatchResult: Sendable {
        var ranks: [[Double]] = []
        var lists: [[Int32]] = []
    }

    /// A worker's memory of whom an item was last met by.
    private struct Scratch {
        var metBy: [Int]
        var user = 0

        init(itemCount: Int) { metBy = Array(repeating: 0, count: itemCount) }

        /// Forgets the last user; then the distinct items of the history.
        mutating func distinct(_ history: ArraySlice<Int32>) -> [Int32] {
            user += 1
            var distinct: [Int32] = []
            for item in history where metBy[Int(item)] != user {
                metBy[Int(item)] = user
                distinct.append(item)
            }
            return distinct
        }
    }

    private func rank(_ scorer: some SequenceScorer, _ cases: ArraySlice<EvaluationCase>, _ scratch: inout Scratch) throws -> BatchResult {
        let scores = try scorer.scores(cases: cases)
        precondition(scores.count == cases.count * scorer.itemCount, "a scorer must return B × V scores")
        var result = BatchResult()
        scores.withUnsafeBufferPointer { scores in
            for (row, index) in cases.indices.enumerated() {
                let one = cases[index]
                let own = UnsafeBufferPointer(rebasing: scores[row * scorer.itemCount..<(row + 1) * scorer.itemCount])
                let met = scratch.distinct(one.history)
                switch candidates {
                case .full:
                    let excluded = seen == .removed ? met : []
                    result.ranks.append(one.targets.map { MidRank.rank(scores: own, target: Int($0), excluded: excluded) })
                case .sampled(let count):
                    for target in one.targets { scratch.metBy[Int(target)] = scratch.user }
                    let unmet = scratch.metBy.count { $0 != scratch.user }
                    var generator = SplitMix64(seed: seed, index: UInt64(index))
                    let others = Self.sample(min(count, unmet), of: unmet, scratch: scratch, &generator)
                    result.ranks.append(one.targets.map { MidRank.rank(scores: own, target: Int($0), among: others) })
                }
                if facts != nil, let longest = cutoffs.last {
                    result.lists.append(TopItems.best(longest, of: own, excluded: seen == .removed ? met : []))
                }
            }
        }
        return result
    }

    /// That many distinct items the user has not met, uniformly.
    private static func sample(_ count: Int, of unmet: Int, scratch: Scratch, _ generator: inout SplitMix64) -> [Int32] {
        let items = scratch.metBy.count
        var chosen: [Int32] = []
        if unmet < 4 * count {
            // Few are left: a selection in one pass (Knuth, algorithm S) instead of many misses.
            var left = unmet
            for item in 0..<items where scratch.metBy[item] != scratch.user {
                if Int.random(in: 0..<left, using: &generator) < count - chosen.count { chosen.append(Int32(item)) }
                left -= 1
            }
            return chosen
        }
        var taken = Set<Int32>()
        while chosen.count < count {
            let item = Int.random(in: 0..<items, using: &generator)
            if scratch.metBy[item] != scratch.user, taken.insert(Int32(item)).inserted { chosen.append(Int32(item)) }
        }
        return chosen
    }
}

/// Steele, Lea and Flood 2014; a fresh one for every user, so that the draws do not depend on who is evaluated with whom.
struct SplitMix64: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64, index: UInt64) {
        var mixer = SplitMix64(state: seed)
        state = mixer.next() ^ (index &* 0xd134_2543_de82_ef95)
    }

    private init(state: UInt64) { self.state = state }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var word = state
        word = (word ^ (word >> 30)) &* 0xbf58_476d_1ce4_e5b9
        word = (word ^ (word >> 27)) &* 0x94d0_49bb_1331_11eb
        return word ^ (word >> 31)
    }
}
