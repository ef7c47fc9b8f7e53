import RecommenderModels
import SeededRandom
import Testing

@Suite("Search in a graph of neighbours") struct HNSWIndexTests {
    /// Items and queries around common centres, lengths and biases that differ.
    static func world(items count: Int, width: Int, queries: Int, seed: UInt64 = 5) -> (items: ItemVectors, queries: [Float]) {
        var numbers = RandomStream(seed: seed, "clusters")
        func point(_ spread: Float) -> [Float] { (0..<width).map { _ in spread * (numbers.uniformFloat() + numbers.uniformFloat() + numbers.uniformFloat() - 1.5) } }
        let centres = (0..<20).map { _ in point(1) }
        func near() -> [Float] { zip(centres[numbers.below(20)], point(0.6)).map(+) }
        let vectors = (0..<count).flatMap { _ in
            let length = 0.7 + 0.6 * numbers.uniformFloat()
            return near().map { $0 * length }
        }
        return (ItemVectors(width: width, vectors: vectors, biases: (0..<count).map { _ in numbers.uniformFloat() - 0.5 }), (0..<queries).flatMap { _ in near() })
    }

    @Test("With 64 candidates at least 95 of 100 of the true ten best are found", arguments: [(3000, 24), (6000, 64)])
    func recall(size: Int, width: Int) async throws {
        let (items, queries) = Self.world(items: size, width: width, queries: 100)
        let index = try await HNSWIndex(items, workers: 2)
        let exclusions = [[Int32]](repeating: [], count: 100)
        let found = await index.best(10, forEach: queries, excluding: exclusions)
        let truth = await ExactIndex(items, workers: 1).best(10, forEach: queries, excluding: exclusions)
        let hits = zip(found, truth).reduce(0) { $0 + Set($1.0).intersection($1.1).count }
        #expect(hits >= 950, "\(hits) of 1000")
        for list in found { #expect(zip(list, list.dropFirst()).allSatisfy { $0.score >= $1.score }) }
    }

    @Test("Excluded items are left out and others take their places")
    func exclusions() async throws {
        let (items, queries) = Self.world(items: 1000, width: 16, queries: 20)
        let index = try await HNSWIndex(items, workers: 2)
        let exact = ExactIndex(items, workers: 1)
        var hits = 0
        for row in 0..<20 {
            let query = Array(queries[row * 16..<(row + 1) * 16])
            let seen = await exact.best(50, for: query).map(\.item)
            let found = await index.best(10, for: query, excluding: seen)
            #expect(found.count == 10 && Set(found.map(\.item)).isDisjoint(with: seen))
            hits += Set(found).intersection(await exact.best(10, for: query, excluding: seen)).count
        }
        #expect(hits >= 190)
    }

    @Test("The same seed gives the same graph for any number of workers, another seed another")
    func reproducible() async throws {
        let (items, queries) = Self.world(items: 2000, width: 16, queries: 50)
        let narrow = HNSWConfiguration(links: 4, buildWidth: 8, searchWidth: 10)
        func answers(_ configuration: HNSWConfiguration, workers: Int) async throws -> [[RankedItem]] {
            try await HNSWIndex(items, configuration: configuration, workers: workers).best(10, forEach: queries, excluding: [[Int32]](repeating: [], count: 50))
        }
        let one = try await answers(narrow, workers: 1)
        #expect(one == (try await answers(narrow, workers: 3)))
        #expect(one != (try await answers(HNSWConfiguration(links: 4, buildWidth: 8, searchWidth: 10, seed: 2), workers: 1)))
    }

    @Test("A handful of items is searched whole", arguments: [0, 1, 2, 5, 40])
    func few(count: Int) async throws {
        let (items, queries) = Self.world(items: count, width: 5, queries: 1)
        let found = try await HNSWIndex(items, workers: 2).best(100, for: queries, excluding: [])
        #expect(found == (await ExactIndex(items, workers: 1).best(100, for: queries)))
    }

    @Test("Equal items, all of them the same vector, are still all there")
    func equalItems() async throws {
        let items = ItemVectors(width: 3, vectors: (0..<60).flatMap { _ in [Float(1), 2, 3] })
        #expect(try await HNSWIndex(items, workers: 1).best(10, for: [1, 0, 0]).count == 10)
    }

    @Test("Values out of range and vectors that are no numbers are refused")
    func refusals() async {
        let (items, _) = Self.world(items: 10, width: 4, queries: 1)
        await #expect(throws: ModelError.self) { try await HNSWIndex(items, configuration: HNSWConfiguration(links: 1), workers: 1) }
        await #expect(throws: ModelError.self) { try await HNSWIndex(items, configuration: HNSWConfiguration(searchWidth: 0), workers: 1) }
        await #expect(throws: ModelError.self) { try await HNSWIndex(ItemVectors(width: 1, vectors: [1, .nan]), workers: 1) }
    }
}
