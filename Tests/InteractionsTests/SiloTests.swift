import Interactions
import SeededRandom
import Testing

@Suite("Assignment to silos")
struct SiloTests {
    @Test("by a column: users in two silos are reported, small silos left out")
    func byColumn() throws {
        let table = InteractionTable([
            Interaction(user: "u", item: "a", silo: "UK"), Interaction(user: "v", item: "a", silo: "UK"), Interaction(user: "u", item: "b", silo: "France"),
            Interaction(user: "w", item: "b", silo: "France"), Interaction(user: "x", item: "b", silo: "Malta"), Interaction(user: "y", item: "b"),
        ])
        let assignment = try SiloAssignment.byColumn(table, minimumUsers: 2)
        #expect(assignment.silos.map(\.name) == ["France", "UK"])
        #expect(assignment.silos[0].table.users.identifiers == ["u", "w"])
        #expect(assignment.usersInSeveralSilos == ["u"])
        #expect(assignment.leftOut.map(\.name) == ["Malta"] && assignment.leftOut.map(\.userCount) == [1] && assignment.unassignedEventCount == 1)
        #expect(throws: ImportError.self) { try SiloAssignment.byColumn(InteractionTable([Interaction(user: "u", item: "a")])) }
    }

    static func world() throws -> (SyntheticWorld, InteractionTable) {
        let world = try SyntheticWorld(SyntheticWorldConfiguration(userCount: 600, itemCount: 400, meanEvents: 20), seed: 4)
        return (world, world.interactions())
    }

    @Test("by hash and by Dirichlet every user is in one silo with all events", arguments: [0.1, 100, nil] as [Double?])
    func whole(alpha: Double?) throws {
        let (world, table) = try Self.world()
        let assignment =
            if let alpha {
                SiloAssignment.byDirichlet(table, count: 5, alpha: alpha, clusters: ItemClusters.byCategory(table, catalog: world.catalog), stream: RandomStream(seed: 1))
            } else {
                SiloAssignment.byHash(table, count: 5, seed: 1)
            }
        #expect(assignment.silos.map(\.name) == (1...5).map { "silo-\($0)" })
        #expect(assignment.silos.flatMap(\.table.users.identifiers).sorted() == table.users.identifiers.sorted())
        #expect(assignment.silos.flatMap(\.table.events).sorted { $0.key < $1.key } == table.events.sorted { $0.key < $1.key })
    }

    @Test("a user's silo by hash does not depend on the file")
    func stable() throws {
        let (_, table) = try Self.world()
        let half = table.selecting(stride(from: table.count - 1, through: 0, by: -2))
        let silo = { (table: InteractionTable) in
            Dictionary(uniqueKeysWithValues: SiloAssignment.byHash(table, count: 3, seed: 9).silos.flatMap { silo in silo.table.users.identifiers.map { ($0, silo.name) } })
        }
        let whole = silo(table)
        #expect(silo(half).allSatisfy { whole[$0.key] == $0.value })
    }

    @Test("a small α makes silos differ in their categories, a large one does not")
    func concentration() throws {
        let (world, table) = try Self.world()
        let clusters = ItemClusters.byCategory(table, catalog: world.catalog)
        let near = difference(SiloAssignment.byDirichlet(table, count: 4, alpha: 100, clusters: clusters, stream: RandomStream(seed: 2)), table, clusters)
        let far = difference(SiloAssignment.byDirichlet(table, count: 4, alpha: 0.05, clusters: clusters, stream: RandomStream(seed: 2)), table, clusters)
        #expect(near < 0.25 && far > 2 * near, "near \(near), far \(far)")
    }

    @Test("clusters by co-occurrence put what the same users meet together")
    func cooccurrence() {
        let table = InteractionTable((0..<60).flatMap { user in (0..<6).map { Interaction(user: "\(user)", item: "\(user % 3)-\((user * 7 + $0) % 10)") } })
        let clusters = ItemClusters.byCooccurrence(table, count: 3, stream: RandomStream(seed: 3))
        let pairs = (0..<table.items.count).flatMap { item in (0..<item).map { (item, $0) } }
        let agree = pairs.count { item, other in (table.items[item].prefix(1) == table.items[other].prefix(1)) == (clusters[item] == clusters[other]) }
        #expect(Double(agree) > 0.9 * Double(pairs.count), "\(agree) of \(pairs.count) pairs")
    }

    /// Mean total-variation distance of the silos' cluster shares from the overall ones.
    private func difference(_ assignment: SiloAssignment, _ table: InteractionTable, _ clusters: [Int]) -> Double {
        func shares(_ part: InteractionTable) -> [Double] {
            var counts = Array(repeating: 0.0, count: (clusters.max() ?? 0) + 1)
            for item in part.item { counts[clusters[Int(table.items.index(of: part.items[Int(item)]) ?? 0)]] += 1 / Double(part.count) }
            return counts
        }
        let overall = shares(table)
        let silos = assignment.silos.filter { $0.table.count > 0 }
        return silos.map { zip(shares($0.table), overall).reduce(0) { $0 + abs($1.0 - $1.1) } / 2 }.reduce(0, +) / Double(silos.count)
    }
}

extension Interaction {
    /// Something to sort by.
    fileprivate var key: String { "\(user) \(time ?? 0) \(item)" }
}
