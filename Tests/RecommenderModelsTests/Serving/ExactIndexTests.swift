import RecommenderModels
import SeededRandom
import Testing

@Suite("Exact search") struct ExactIndexTests {
    /// Sizes around the kernel's blocks, with widths that are and are not multiples of its lanes, and one that is divided among workers.
    static let shapes: [(items: Int, width: Int)] = [(1, 1), (2, 3), (31, 16), (32, 64), (33, 50), (500, 7), (1025, 20), (12_000, 64)]

    /// All items by score, the slow and obvious way.
    static func sorted(_ items: ItemVectors, _ query: ArraySlice<Float>, excluding excluded: [Int32] = []) -> [(item: Int32, score: Double)] {
        let scores = (0..<items.count).map { item in
            zip(query, items.vectors[item * items.width..<(item + 1) * items.width]).reduce(0.0) { $0 + Double($1.0) * Double($1.1) }
                + (items.biases.isEmpty ? 0 : Double(items.biases[item]))
        }
        return (0..<Int32(items.count)).filter { !excluded.contains($0) }.map { ($0, scores[Int($0)]) }
            .sorted { ($1.score, $0.item) < ($0.score, $1.item) }
    }

    /// Small whole numbers: their products are exact in any order of summation, and many are equal.
    static func items(_ count: Int, width: Int, seed: UInt64, biased: Bool = true) -> ItemVectors {
        var numbers = RandomStream(seed: seed, "items")
        func values(_ count: Int) -> [Float] { (0..<count).map { _ in Float(numbers.below(7)) - 3 } }
        return ItemVectors(width: width, vectors: values(count * width), biases: biased ? values(count) : [])
    }

    @Test("The best are those of a full sort, ties in order of index", arguments: shapes, [1, 10, 100])
    func agreesWithSorting(shape: (items: Int, width: Int), count: Int) async {
        for biased in [false, true] {
            let items = Self.items(shape.items, width: shape.width, seed: UInt64(count), biased: biased)
            let queries = Self.items(5, width: shape.width, seed: 99).vectors
            var numbers = RandomStream(seed: 3, "excluded")
            let excluded: [[Int32]] = (0..<5).map { row in (0..<row * 4).map { _ in Int32(numbers.below(shape.items)) } }
            let together = await ExactIndex(items, workers: 2).best(count, forEach: queries, excluding: excluded)
            for row in 0..<5 {
                let query = queries[row * shape.width..<(row + 1) * shape.width]
                let expected = Self.sorted(items, query, excluding: excluded[row]).prefix(count).map { RankedItem(item: $0.item, score: Float($0.score)) }
                #expect(await ExactIndex(items, workers: 1).best(count, for: Array(query), excluding: excluded[row]) == expected)
                #expect(together[row] == expected)
            }
        }
    }

    @Test("The answer is the same, bit by bit, for any number of workers, alone and in a batch", arguments: [2, 3, 5])
    func workers(count: Int) async {
        var numbers = RandomStream(seed: 1)
        let width = 48
        let items = ItemVectors(width: width, vectors: (0..<30_011 * width).map { _ in numbers.uniformFloat() - 0.5 })
        let queries = (0..<9 * width).map { _ in numbers.uniformFloat() - 0.5 }
        let exclusions = (0..<9).map { row in (0..<Int32(row * 20)).map { $0 * 7 } }
        let batch = await ExactIndex(items, workers: count).best(20, forEach: queries, excluding: exclusions)
        #expect(batch == (await ExactIndex(items, workers: 1).best(20, forEach: queries, excluding: exclusions)))
        for row in 0..<9 {
            let alone = await ExactIndex(items, workers: count).best(20, for: Array(queries[row * width..<(row + 1) * width]), excluding: exclusions[row])
            #expect(alone == batch[row])
        }
    }

    @Test("As many as there are come back when more are asked for, and none of those left out")
    func moreThanThereAre() async {
        let items = Self.items(40, width: 8, seed: 1)
        let index = ExactIndex(items, workers: 2)
        let query = [Float](repeating: 1, count: 8)
        #expect(await index.best(1000, for: query).count == 40)
        #expect(await index.best(1000, for: query, excluding: Array(0..<39)).map(\.item) == [39])
        #expect(await index.best(3, for: query, excluding: Array(0..<40)).isEmpty)
        #expect(await index.best(1000, forEach: query + query + query + query, excluding: [[], [1], Array(0..<40), [-1, 40]]).map(\.count) == [40, 39, 0, 40])
    }

    @Test("An item whose score is not a number is not recommended")
    func notANumber() async {
        var items = Self.items(40, width: 8, seed: 1)
        var vectors = items.vectors
        for item in [0, 7, 39] { vectors[item * 8] = .nan }
        items = ItemVectors(width: 8, vectors: vectors, biases: items.biases)
        let found = await ExactIndex(items, workers: 1).best(100, for: [Float](repeating: 1, count: 8)).map(\.item)
        #expect(found.count == 37 && !found.contains(0) && !found.contains(7) && !found.contains(39))
    }
}
