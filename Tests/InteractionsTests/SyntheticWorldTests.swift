import Interactions
import Testing

@Suite("Synthetic world")
struct SyntheticWorldTests {
    static let small = SyntheticWorldConfiguration(userCount: 300, itemCount: 500, meanEvents: 30)

    @Test("is a function of configuration and seed")
    func repeatable() throws {
        let world = try SyntheticWorld(Self.small, seed: 1)
        let again = try SyntheticWorld(Self.small, seed: 1)
        #expect(world.catalog == again.catalog && world.interactions() == again.interactions())
        let other = try SyntheticWorld(Self.small, seed: 2)
        #expect(world.interactions() != other.interactions() && world.catalog.digest != other.catalog.digest)
    }

    @Test("a user's life does not depend on how many others there are or who is asked for")
    func independent() throws {
        let world = try SyntheticWorld(Self.small, seed: 1)
        let all = world.interactions().events
        let some = world.interactions(ofUsers: 10..<12).events
        #expect(some == all.filter { $0.user == world.userID(10) || $0.user == world.userID(11) } && !some.isEmpty)
        var larger = Self.small
        larger.userCount = 900
        let first = try SyntheticWorld(larger, seed: 1).interactions(ofUsers: 0..<300)
        #expect(first.events.map(\.item) == all.map(\.item))
    }

    @Test("titles are all different, say category and tone, and every event is in the catalog and after the one before")
    func shape() throws {
        let world = try SyntheticWorld(SyntheticWorldConfiguration(userCount: 50, itemCount: 12_000), seed: 1)
        #expect(Set(world.catalog.items.compactMap(\.title)).count == 12_000)
        #expect(world.catalog.items.allSatisfy { $0.categories.count == 2 })
        let table = world.interactions()
        #expect(table.sequences(in: world.catalog).unknownEventCount == 0)
        for (row, next) in zip(0..<table.count, 1..<table.count) where table.user[row] == table.user[next] { #expect(table.time[row] < table.time[next]) }
        for user in 0..<50 { #expect(Set(table.sequences()[user]).count == table.sequences()[user].count && table.sequences()[user].count >= 5) }
    }

    @Test("has the number of events asked for, on average")
    func size() throws {
        let table = try SyntheticWorld(SyntheticWorldConfiguration(userCount: 3000, itemCount: 2000, meanEvents: 50), seed: 5).interactions()
        #expect(abs(Double(table.count) / 3000 - 50) < 1.5)
    }

    @Test("tastes drift: the first and the last third of a life differ more than two interleaved halves")
    func drift() throws {
        let world = try SyntheticWorld(SyntheticWorldConfiguration(userCount: 1500, itemCount: 1000, meanEvents: 60), seed: 6)
        let category = Dictionary(uniqueKeysWithValues: world.catalog.items.map { ($0.id, $0.categories[0]) })
        let table = world.interactions()
        let sequences = table.sequences()
        func distance(_ a: [Int32], _ b: [Int32]) -> Double {
            var shares: [String: Double] = [:]
            for item in a { shares[category[table.items[Int(item)]] ?? "", default: 0] += 1 / Double(a.count) }
            for item in b { shares[category[table.items[Int(item)]] ?? "", default: 0] -= 1 / Double(b.count) }
            return shares.values.reduce(0) { $0 + abs($1) } / 2
        }
        var apart = 0.0
        var interleaved = 0.0
        for user in 0..<sequences.userCount {
            let events = Array(sequences[user])
            let third = events.count / 3
            let ends = Array(events.prefix(third) + events.suffix(third))
            apart += distance(Array(events.prefix(third)), Array(events.suffix(third)))
            // Pairs of neighbours go to alternate halves, so that staying in a category does not count as drift.
            interleaved += distance(ends.indices.filter { $0 / 2 % 2 == 0 }.map { ends[$0] }, ends.indices.filter { $0 / 2 % 2 == 1 }.map { ends[$0] })
        }
        #expect(apart > 1.2 * interleaved, "apart \(apart / 1500), interleaved \(interleaved / 1500)")
    }

    @Test("sizes out of range are refused")
    func refused() {
        for configuration in [
            SyntheticWorldConfiguration(userCount: 0), SyntheticWorldConfiguration(itemCount: 19), SyntheticWorldConfiguration(meanEvents: 4),
            SyntheticWorldConfiguration(itemCount: 100, meanEvents: 50), SyntheticWorldConfiguration(meanEvents: .nan),
        ] { #expect(throws: ImportError.self) { try SyntheticWorld(configuration, seed: 1) } }
    }
}
