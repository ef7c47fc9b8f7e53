import Foundation
import RecommenderModels
import SeededRandom
import Tensors
import Testing

@Suite struct ItemTransitionsTests {
    static let itemCount = 13
    static let shapes: [ItemTransitionsConfiguration] = [
        ItemTransitionsConfiguration(), ItemTransitionsConfiguration(direction: .forward, window: 3, distanceExponent: 1.5),
        ItemTransitionsConfiguration(window: 1, threshold: 0, recentEvents: 1, rowExponent: 0),
    ]
    /// Repeats, pairs met more than once, one event only, none.
    static let users: [[Int32]] = [[3, 7, 3, 3, 9, 7], [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 0, 1, 2], [4], [5, 5, 5], []]

    private func model(_ shape: ItemTransitionsConfiguration) throws -> any StatisticRecommender {
        try #require(try ModelConfiguration.itemTransitions(shape).recommender(itemCount: Self.itemCount) as? any StatisticRecommender)
    }

    private func statistic(_ model: any StatisticRecommender, _ events: [Int32]) -> [Float] {
        var sum = GradientBuffer(model)
        var scratch = ScratchMemory()
        model.accumulateStatistic([], events: events[...], into: &sum, scratch: &scratch)
        return sum.values
    }

    /// The cell from one item to another, found by its order in the layout.
    private func place(_ shape: ItemTransitionsConfiguration, _ from: Int, _ to: Int) -> Int {
        var index = 0
        for row in 0..<Self.itemCount {
            for column in (shape.direction == .both ? row : 0)..<Self.itemCount {
                if (row, column) == (shape.direction == .both ? (min(from, to), max(from, to)) : (from, to)) { return index }
                index += 1
            }
        }
        return -1
    }

    @Test("A user's statistic is the counts of its pairs and items, scaled to the shares of the norm", arguments: shapes)
    func reference(shape: ItemTransitionsConfiguration) throws {
        let model = try model(shape)
        for events in Self.users {
            var cells = [Double](repeating: 0, count: model.layout.count)
            for (later, item) in events.enumerated() {
                for (earlier, other) in events[..<later].enumerated() where later - earlier <= shape.window && other != item {
                    cells[place(shape, Int(other), Int(item))] += pow(Double(later - earlier), -Double(shape.distanceExponent))
                }
            }
            let norm = cells.reduce(0) { $0 + $1 * $1 }.squareRoot()
            if norm > 0 { for index in cells.indices { cells[index] *= 0.95.squareRoot() / norm } }
            for item in Set(events) { cells[place(shape, Int(item), Int(item))] = (0.05 / Double(Set(events).count)).squareRoot() }
            for (value, expected) in zip(statistic(model, events), cells) { #expect(abs(Double(value) - expected) < 1e-6) }
        }
    }

    @Test("No statistic is longer than 1, so that a clip of 1 bounds what one user can add and changes nothing", arguments: shapes)
    func norm(shape: ItemTransitionsConfiguration) throws {
        let model = try model(shape)
        var numbers = RandomStream(seed: 3)
        for length in [0, 1, 2, 3, 10, 300] {
            let events = (0..<length).map { _ in Int32(numbers.below(Self.itemCount)) }
            let squared = statistic(model, events).reduce(0.0) { $0 + Double($1) * Double($1) }
            #expect(squared <= 1 + 1e-5)
            if length >= 10 { #expect(squared > 1 - 1e-5) }
        }
    }

    @Test("Scores are the rows of recent items, each event back counting less, with popularity behind", arguments: shapes)
    func scores(shape: ItemTransitionsConfiguration) throws {
        // So small a matrix is not mostly empty, and its cells would pass for noise.
        var shape = shape
        shape.threshold = 0
        let model = try model(shape)
        var mean = [Float](repeating: 0, count: model.layout.count)
        for events in Self.users { for (index, value) in statistic(model, events).enumerated() { mean[index] += value } }
        let history: [Int32] = [7, 2, 3, 9]
        let scores = model.prepared(mean).scores(histories: [history[...], []])
        var expected = [Double](repeating: 0, count: Self.itemCount)
        for (age, item) in history.reversed().prefix(shape.recentEvents).enumerated() {
            let row = (0..<Self.itemCount).map { $0 == Int(item) ? 0 : Double(mean[place(shape, Int(item), $0)]) }
            let divisor = pow(row.reduce(0, +), Double(shape.rowExponent))
            for other in row.indices where row[other] > 0 { expected[other] += pow(Double(shape.recency), Double(age)) * row[other] / divisor }
        }
        // Popularity behind is a thousandth of the smallest cell at most.
        for item in 0..<Self.itemCount { #expect(abs(Double(scores[item]) - expected[item]) < 2e-3) }
        let popularity = (0..<Self.itemCount).map { mean[place(shape, $0, $0)] }
        let byScore = (0..<Self.itemCount).sorted { scores[Self.itemCount + $0] > scores[Self.itemCount + $1] }
        #expect(popularity[byScore[0]] == popularity.max())
    }

    @Test("Cells that noise alone explains are dropped, and those that stand out stay")
    func threshold() throws {
        let items = 400
        let shape = ItemTransitionsConfiguration(threshold: 5)
        let model = try #require(try ModelConfiguration.itemTransitions(shape).recommender(itemCount: items) as? any StatisticRecommender)
        var numbers = RandomStream(seed: 8)
        // Sums of twelve uniform numbers: standard deviation 1, none beyond 6.
        var cells = (0..<model.layout.count).map { _ in (0..<12).reduce(Float(-6)) { sum, _ in sum + numbers.uniformFloat() } }
        cells[1] = 40  // from item 0 to item 1, the second cell of the first row
        let scores = model.prepared(cells).scores(histories: [[0]])
        #expect(scores.indices.max { scores[$0] < scores[$1] } == 1)
        // All others differ by popularity only.
        let others = scores.indices.filter { $0 != 1 }.map { scores[$0] }
        #expect((others.max() ?? 0) < 0.01 * scores[1])
    }

    @Test("Settings out of range say what is allowed")
    func validation() {
        for shape in [
            ItemTransitionsConfiguration(window: 0), ItemTransitionsConfiguration(recency: 0), ItemTransitionsConfiguration(recency: 1.5),
            ItemTransitionsConfiguration(threshold: .nan), ItemTransitionsConfiguration(recentEvents: 0),
        ] {
            #expect(throws: ModelError.self) { try ModelConfiguration.itemTransitions(shape).recommender(itemCount: 5) }
        }
        #expect(throws: ModelError.self) { try ModelConfiguration.itemTransitions(ItemTransitionsConfiguration()).recommender(itemCount: 20_001) }
    }
}
