internal import Glibc
internal import SeededRandom

/// One person of a synthetic world while their life is being lived.
struct SyntheticUser {
    let world: SyntheticWorld
    /// Taste for categories at the first and at the last event; in between it moves evenly.
    let earlyTaste: [Double]
    let lateTaste: [Double]
    /// Taste for tones.
    let toneTaste: [Double]
    let eventCount: Int
    /// Day of the year of the first event.
    let firstDay: Double

    private(set) var history: [Int32] = []
    private(set) var day: Double
    private var met: Set<Int32> = []
    private var stream: RandomStream

    init(_ world: SyntheticWorld, user: Int) {
        let configuration = world.configuration
        self.world = world
        var stream = world.stream.child("users").child(user)
        let categories = WorldTitles.categories.count
        earlyTaste = stream.dirichlet(alpha: configuration.categoryConcentration, count: categories)
        let turn = stream.dirichlet(alpha: configuration.categoryConcentration, count: categories)
        lateTaste = zip(earlyTaste, turn).map { 0.6 * $0 + 0.4 * $1 }
        toneTaste = stream.dirichlet(alpha: configuration.toneConcentration, count: WorldTitles.tones.count)
        // Log-normal with σ = 0.5, whose mean is exp(μ + σ²/2).
        let size = exp(log(configuration.meanEvents) - 0.125 + 0.5 * stream.normal())
        eventCount = Int(min(max(size.rounded(), 5), Double(configuration.itemCount) / 2))
        firstDay = stream.uniform() * 240
        day = firstDay
        self.stream = stream
    }

    /// Lives on for one event.
    mutating func step() -> (item: Int32, milliseconds: Int64) {
        var item = draw()
        // Nobody meets an item twice; who has met nearly all that they like wanders.
        var misses = 0
        while !met.insert(item).inserted {
            misses += 1
            item = misses < 200 ? draw() : Int32(stream.below(world.configuration.itemCount))
        }
        history.append(item)
        // Most events follow within minutes, some after days.
        let gap = stream.bernoulli(0.25) ? 0.2 + 4 * stream.uniform() : 0.002 + 0.01 * stream.uniform()
        day += gap
        // 2025-01-01 00:00 UTC.
        return (item, 1_735_689_600_000 + Int64(day * 86_400_000))
    }

    /// How far the user's life has come, 0 … 1.
    private var progress: Double { min(Double(history.count) / Double(max(eventCount - 1, 1)), 1) }

    private func taste(_ category: Int) -> Double { (1 - progress) * earlyTaste[category] + progress * lateTaste[category] }

    /// An item's weight for this user now.
    private func appeal(_ item: Int32) -> Double {
        let item = Int(item)
        // Days to the middle of the season around the year.
        let distance = abs((day - world.season[item]).remainder(dividingBy: 365))
        let season = 1 + world.configuration.seasonStrength * exp(-(distance / 30) * (distance / 30))
        return world.weight[item] * toneTaste[world.tone[item]] * season
    }

    /// The category the user is in: the commonest of the last three items, the latest of them if all differ.
    private var currentCategory: Int? {
        let recent = history.suffix(3).reversed().map { world.category[Int($0)] }
        guard let last = recent.first else { return nil }
        if recent.count == 3, recent[1] == recent[2] { return recent[1] }
        return last
    }

    private mutating func draw() -> Int32 {
        let configuration = world.configuration
        let way = stream.uniform()
        if way < configuration.wanderShare { return drawAnywhere() }
        if way < configuration.wanderShare + configuration.followShare, let last = history.last {
            let source = history.count > 1 && stream.bernoulli(configuration.skipShare) ? history[history.count - 2] : last
            let range = world.followerRange(of: source)
            return world.followers[range.lowerBound + stream.index(weights: range.map { followerWeight(world.followers[$0]) })]
        }
        if way < configuration.wanderShare + configuration.followShare + configuration.stayShare, let category = currentCategory {
            return draw(from: category)
        }
        return draw(from: stream.index(weights: earlyTaste.indices.map(taste)))
    }

    /// Followers compete by tone alone, a little of every tone remaining possible.
    private func followerWeight(_ item: Int32) -> Double { 0.02 + toneTaste[world.tone[Int(item)]] }

    private mutating func draw(from category: Int) -> Int32 {
        let members = world.members[category]
        return members[stream.index(weights: members.map(appeal))]
    }

    private mutating func drawAnywhere() -> Int32 { Int32(stream.index(weights: world.weight)) }

    /// The true probabilities of the next item, before items already met are ruled out; sums to 1. V of them.
    package func truth() -> [Double] {
        let configuration = world.configuration
        var truth = Array(repeating: 0.0, count: configuration.itemCount)
        func spread(_ share: Double, over items: some Collection<Int32>, by weight: (Int32) -> Double) {
            let weights = items.map(weight)
            let total = weights.reduce(0, +)
            guard total > 0 else { return }
            for (item, weight) in zip(items, weights) { truth[Int(item)] += share * weight / total }
        }
        var taste = 1 - configuration.wanderShare
        let everything = (0..<Int32(configuration.itemCount)).map { $0 }
        spread(configuration.wanderShare, over: everything) { world.weight[Int($0)] }
        if let last = history.last {
            taste -= configuration.followShare + configuration.stayShare
            let skip = history.count > 1 ? configuration.skipShare : 0
            spread(configuration.followShare * (1 - skip), over: world.followers[world.followerRange(of: last)], by: followerWeight)
            if skip > 0 {
                spread(configuration.followShare * skip, over: world.followers[world.followerRange(of: history[history.count - 2])], by: followerWeight)
            }
            if let current = currentCategory { spread(configuration.stayShare, over: world.members[current], by: appeal) }
        }
        for category in world.members.indices { spread(taste * self.taste(category), over: world.members[category], by: appeal) }
        return truth
    }
}

extension SyntheticWorld {
    func followerRange(of item: Int32) -> Range<Int> {
        let count = configuration.followerCount
        return Int(item) * count..<(Int(item) + 1) * count
    }
}
