/// How a graph of near neighbours is built and searched (Malkov and Yashunin 2018, "Efficient and robust approximate nearest neighbor
/// search using Hierarchical Navigable Small World graphs").
public struct HNSWConfiguration: Sendable, Hashable {
    /// M, links a new item gets on each layer; twice as many may stand on the lowest; 2…128.
    public var links: Int
    /// ef of construction, candidates the links are chosen from; 1…4096.
    public var buildWidth: Int
    /// ef, candidates kept in a search; more find more of the true best, and take longer; 1…4096.
    public var searchWidth: Int
    /// Names the random layers: the same vectors, configuration and seed give the same graph for any number of workers.
    public var seed: UInt64

    public init(links: Int = 16, buildWidth: Int = 100, searchWidth: Int = 64, seed: UInt64 = 1) {
        self.links = links
        self.buildWidth = buildWidth
        self.searchWidth = searchWidth
        self.seed = seed
    }

    /// - Throws: ``ModelError`` naming the first value out of range.
    public func validate() throws {
        for (value, range, name) in [(links, 2...128, "links"), (buildWidth, 1...4096, "build width"), (searchWidth, 1...4096, "search width")] {
            guard range.contains(value) else {
                throw ModelError("the \(name) of the index is \(value); choose a value from \(range.lowerBound) to \(range.upperBound)")
            }
        }
    }
}
