/// Nearest neighbours of users (Resnick et al. 1994, on events without ratings): an item's score is the sum of the similarities of those
/// of the k most similar training users who met it. Similarity is the cosine |A ∩ B| ∕ (√(|A| |B|) + shrinkage) of the sets of items.
///
/// It must look at other users' histories, so it exists only beside the data: there is no form of it that a federation could train.
public struct UserNeighboursBaseline: SequenceScorer {
    public let itemCount: Int
    private let neighbours: Int
    private let shrinkage: Float
    /// Each user's different items, ascending.
    private let histories: [[Int32]]
    /// The users of each item, ascending.
    private let users: [[Int32]]

    /// - Parameters:
    ///   - items: the items of all training events, one user after the other.
    ///   - offsets: where each user's events start; one more than users.
    ///   - itemCount: V.
    ///   - neighbours: k, at least 1.
    ///   - shrinkage: at least 0; holds down the similarity to users with few events.
    public init(items: [Int32], offsets: [Int], itemCount: Int, neighbours: Int = 100, shrinkage: Float = 10) {
        precondition(neighbours >= 1 && shrinkage >= 0, "at least one neighbour, and no negative shrinkage")
        self.itemCount = itemCount
        self.neighbours = neighbours
        self.shrinkage = shrinkage
        histories = zip(offsets, offsets.dropFirst()).map { Set(items[$0..<$1]).sorted() }
        var users = [[Int32]](repeating: [], count: itemCount)
        for (user, met) in histories.enumerated() {
            for item in met { users[Int(item)].append(Int32(user)) }
        }
        self.users = users
    }

    public func scores(histories asked: [ArraySlice<Int32>]) -> [Float] {
        var scores = [Float](repeating: 0, count: asked.count * itemCount)
        var shared = [Int32](repeating: 0, count: histories.count)
        for (row, history) in asked.enumerated() {
            let met = Set(history)
            for item in met { for user in users[Int(item)] { shared[Int(user)] += 1 } }
            var similar: [(user: Int, weight: Float)] = []
            for user in shared.indices where shared[user] > 0 {
                let lengths = Float(met.count) * Float(histories[user].count)
                similar.append((user, Float(shared[user]) / (lengths.squareRoot() + shrinkage)))
                shared[user] = 0
            }
            if similar.count > neighbours {
                similar.sort { ($1.weight, $0.user) < ($0.weight, $1.user) }
                similar.removeLast(similar.count - neighbours)
            }
            for (user, weight) in similar {
                for item in histories[user] { scores[row * itemCount + Int(item)] += weight }
            }
        }
        return scores
    }
}
