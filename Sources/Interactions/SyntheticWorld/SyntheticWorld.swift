internal import Algorithms
internal import Glibc
internal import SeededRandom

/// A made-up market: people with tastes, items with a popularity, and an order in which one thing leads to another.
///
/// - Items have a category and a tone, a popularity weight by Zipf's law, a season in which they are in fashion, and a few
///   followers that people go on to from them.
/// - People have a taste for categories, which drifts while they stay, and a taste for tones, which does not. Their next item
///   comes from the followers of one of the last two items (weighted by their tone taste: the same item leads different people to
///   different places), from the category they are in, from their taste, or from anywhere. Nobody meets an item twice.
///
/// So there is something to learn at every depth: popularity, which item follows which, which item before the last still
/// matters, and what a person's history says about their taste. Everything is a function of the configuration and the seed, and
/// every user has a stream of their own.
public struct SyntheticWorld: Sendable {
    public let configuration: SyntheticWorldConfiguration
    public let seed: UInt64
    /// The items, with titles and categories (category and tone).
    public let catalog: Catalog

    let stream: RandomStream
    let category: [Int]
    let tone: [Int]
    /// Zipf weight of each item.
    let weight: [Double]
    /// The items of each category.
    let members: [[Int32]]
    /// Middle of each item's season, in days of the year.
    let season: [Double]
    /// Item i's followers are followers[i × followerCount ..< (i + 1) × followerCount].
    let followers: [Int32]

    /// - Throws: ``ImportError`` for a configuration out of range.
    public init(_ configuration: SyntheticWorldConfiguration = SyntheticWorldConfiguration(), seed: UInt64) throws {
        try configuration.validate()
        self.configuration = configuration
        self.seed = seed
        stream = RandomStream(seed: seed, "synthetic world")
        let count = configuration.itemCount
        let categoryCount = WorldTitles.categories.count
        var ranks = Array(0..<count)
        var shuffler = stream.child("popularity")
        shuffler.shuffle(&ranks)
        weight = ranks.map { pow(Double($0 + 10), -configuration.popularityExponent) }
        var kinds = stream.child("kinds")
        // Item by item around the categories, so that none is empty; tones at random.
        let category = (0..<count).map { $0 % categoryCount }
        let tone = (0..<count).map { _ in kinds.below(WorldTitles.tones.count) }
        var seasons = stream.child("seasons")
        season = (0..<count).map { _ in seasons.uniform() * 365 }
        var members = Array(repeating: [Int32](), count: categoryCount)
        for item in 0..<count { members[category[item]].append(Int32(item)) }
        self.category = category
        self.tone = tone
        self.members = members
        followers = Self.followers(configuration, category: category, members: members, weight: weight, stream: stream.child("followers"))
        catalog = try Self.catalog(category: category, tone: tone)
    }

    /// Each item leads on to items of its own category and, for the last quarter, of the two that are close to it.
    private static func followers(
        _ configuration: SyntheticWorldConfiguration, category: [Int], members: [[Int32]], weight: [Double], stream: RandomStream
    ) -> [Int32] {
        let companions = members.indices.map { category -> [Int] in
            var stream = stream.child("companions \(category)")
            return [stream.below(members.count), stream.below(members.count)]
        }
        // Popular items are led on to more often: drawn by the weight's power, from running sums.
        let sums = members.map { members in
            members.reduce(into: [Double]()) { $0.append(($0.last ?? 0) + pow(weight[Int($1)], configuration.followerPopularity)) }
        }
        var followers: [Int32] = []
        followers.reserveCapacity(category.count * configuration.followerCount)
        for item in category.indices {
            var stream = stream.child(item)
            var chosen: [Int32] = []
            while chosen.count < configuration.followerCount {
                let isAtHome = chosen.count < configuration.followerCount * 3 / 4
                let shelf = isAtHome ? category[item] : companions[category[item]][stream.below(2)]
                let target = stream.uniform() * (sums[shelf].last ?? 0)
                let candidate = members[shelf][sums[shelf].partitioningIndex { $0 > target }]
                // A small category may hold too few different items.
                let isNew = candidate != Int32(item) && !chosen.contains(candidate)
                if isNew || members[shelf].count <= configuration.followerCount { chosen.append(candidate) }
            }
            followers.append(contentsOf: chosen)
        }
        return followers
    }

    private static func catalog(category: [Int], tone: [Int]) throws -> Catalog {
        var numbers = Array(repeating: 0, count: WorldTitles.categories.count * WorldTitles.tones.count)
        let width = String(category.count).count
        let items = category.indices.map { item -> CatalogItem in
            let kind = category[item] * WorldTitles.tones.count + tone[item]
            numbers[kind] += 1
            let digits = String(item + 1)
            return CatalogItem(
                id: "item-" + String(repeating: "0", count: width - digits.count) + digits,
                title: WorldTitles.title(category: category[item], tone: tone[item], number: numbers[kind] - 1),
                categories: [WorldTitles.categories[category[item]].name, WorldTitles.tones[tone[item]].name])
        }
        return try Catalog(items: items)
    }
}

extension SyntheticWorldConfiguration {
    func validate() throws {
        func require(_ holds: Bool, _ message: String) throws {
            if !holds { throw ImportError(.invalidOption, at: .init(fileName: "synthetic world"), message) }
        }
        try require(userCount >= 1 && userCount < 1 << 31, "the number of users must be at least 1")
        try require(itemCount >= WorldTitles.categories.count && itemCount < 1 << 31, "the number of items must be at least \(WorldTitles.categories.count), one for each category")
        try require(meanEvents >= 5 && meanEvents * 4 <= Double(itemCount), "the mean number of events must be at least 5 and at most a quarter of the number of items, since nobody meets an item twice")
        try require((1...1000).contains(followerCount), "the number of followers must be 1 … 1000")
        try require(popularityExponent >= 0 && followerPopularity >= 0 && categoryConcentration > 0 && toneConcentration > 0 && seasonStrength >= 0, "exponents and concentrations must be positive")
        try require(
            min(followShare, stayShare, wanderShare, skipShare) >= 0 && skipShare <= 1 && followShare + stayShare + wanderShare <= 1,
            "the shares of following, staying and wandering must be probabilities that add up to at most 1")
    }
}
