internal import Glibc

/// What recommendation lists are like beyond being right: how much of the catalog they reach, how surprising and how varied
/// they are, how unevenly items share the exposure.
public struct ListMetrics: Sendable {
    /// What is known of the items.
    public struct ItemFacts: Sendable {
        /// Events of each item in the training part; V of them.
        public var trainingCounts: [Int]
        /// Sorted category numbers of each item; empty when there are no categories.
        public var categories: [[Int32]]

        public init(trainingCounts: [Int], categories: [[Int32]] = []) {
            precondition(categories.isEmpty || categories.count == trainingCounts.count, "there must be categories for all items or for none")
            self.trainingCounts = trainingCounts
            self.categories = categories.map { $0.sorted() }
        }
    }

    public let facts: ItemFacts
    public private(set) var listCount = 0
    private var exposures: [Int]
    private var novelty = 0.0
    private var noveltyCount = 0
    private var diversity = 0.0
    private var diversityCount = 0
    private let information: [Double]

    public init(facts: ItemFacts) {
        self.facts = facts
        exposures = Array(repeating: 0, count: facts.trainingCounts.count)
        // Laplace's rule keeps the information of an item without events finite.
        let total = Double(facts.trainingCounts.reduce(0, +) + facts.trainingCounts.count)
        information = facts.trainingCounts.map { -log2(Double($0 + 1) / total) }
    }

    /// Adds a list of distinct items.
    public mutating func add(_ list: some Collection<Int32>) {
        guard !list.isEmpty else { return }
        listCount += 1
        for item in list {
            exposures[Int(item)] += 1
            novelty += information[Int(item)]
            noveltyCount += 1
        }
        guard !facts.categories.isEmpty, list.count > 1 else { return }
        let items = Array(list)
        var distance = 0.0
        for first in items.indices {
            for second in items.indices.dropFirst(first + 1) {
                distance += 1 - Self.jaccard(facts.categories[Int(items[first])], facts.categories[Int(items[second])])
            }
        }
        diversity += distance / Double(items.count * (items.count - 1) / 2)
        diversityCount += 1
    }

    /// Share of the items that are in at least one list.
    public var coverage: Double { exposures.isEmpty ? 0 : Double(exposures.count { $0 > 0 }) / Double(exposures.count) }
    /// Mean self-information of a recommended item, in bits: −log₂ of its share of the training events, one event added to every item.
    public var meanNovelty: Double { noveltyCount == 0 ? 0 : novelty / Double(noveltyCount) }
    /// Mean over lists of the mean Jaccard distance between the categories of two of its items; nil without categories.
    public var intraListDiversity: Double? { diversityCount == 0 ? nil : diversity / Double(diversityCount) }
    /// Gini coefficient of how often each item is recommended.
    public var exposureGini: Double { Concentration.gini(exposures) }

    /// |a ∩ b| / |a ∪ b| of two ascending lists; 1 for two empty ones.
    static func jaccard(_ a: [Int32], _ b: [Int32]) -> Double {
        guard !a.isEmpty || !b.isEmpty else { return 1 }
        var (i, j, common) = (0, 0, 0)
        while i < a.count, j < b.count {
            if a[i] == b[j] {
                common += 1
                i += 1
                j += 1
            } else if a[i] < b[j] {
                i += 1
            } else {
                j += 1
            }
        }
        return Double(common) / Double(a.count + b.count - common)
    }
}
