import RankingEvaluation
import Testing

@Suite("Neighbours of users")
struct UserNeighboursTests {
    /// Four users of five items; the third has an item twice.
    static let items: [Int32] = [0, 1, 2, 1, 2, 3, 4, 4, 0, 3]
    static let offsets = [0, 3, 6, 8, 10]
    static let sets: [Set<Int32>] = [[0, 1, 2], [1, 2, 3], [4], [0, 3]]

    @Test("score by the sets they share, the most similar only", arguments: [1, 2, 100])
    func scores(neighbours: Int) {
        let baseline = UserNeighboursBaseline(items: Self.items, offsets: Self.offsets, itemCount: 5, neighbours: neighbours, shrinkage: 0.5)
        let histories: [[Int32]] = [[1, 3, 1], [4], [], [0, 1, 2, 3, 4]]
        let scores = baseline.scores(histories: histories.map { $0[...] })
        #expect(scores.count == 20)
        for (row, history) in histories.enumerated() {
            let similar = Self.sets.enumerated().map { user, set in
                (user, Float(set.intersection(history).count) / ((Float(set.count) * Float(Set(history).count)).squareRoot() + 0.5))
            }
            let nearest = similar.filter { $0.1 > 0 }.sorted { ($1.1, $0.0) < ($0.1, $1.0) }.prefix(neighbours)
            for item in 0..<5 {
                let expected = nearest.filter { Self.sets[$0.0].contains(Int32(item)) }.reduce(Float(0)) { $0 + $1.1 }
                #expect(abs(scores[row * 5 + item] - expected) < 1e-6)
            }
        }
    }
}
