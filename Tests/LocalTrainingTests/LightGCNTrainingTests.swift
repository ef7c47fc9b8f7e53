import Interactions
import LocalTraining
import RecommenderModels
import SeededRandom
import Tensors
import Testing

/// The paper's definition with a dense adjacency matrix of users and items together, in double precision.
private struct DenseLightGCN {
    let users: [[Int]]
    let itemCount, width, layers: Int

    /// Final vectors of users, then items: the mean over layers of Ã^k times the first layer.
    /// - Parameter own: of users, then items.
    func vectors(_ own: [Double]) -> [[Double]] {
        let count = users.count + itemCount
        var degrees = [Double](repeating: 0, count: count)
        for (user, met) in users.enumerated() {
            degrees[user] = Double(met.count)
            for item in met { degrees[users.count + item] += 1 }
        }
        var layer = (0..<count).map { node in (0..<width).map { own[node * width + $0] } }
        var sum = layer
        for _ in 0..<layers {
            var next = [[Double]](repeating: [Double](repeating: 0, count: width), count: count)
            for (user, met) in users.enumerated() {
                for item in met.map({ $0 + users.count }) {
                    let weight = 1 / (degrees[user] * degrees[item]).squareRoot()
                    for column in 0..<width {
                        next[user][column] += weight * layer[item][column]
                        next[item][column] += weight * layer[user][column]
                    }
                }
            }
            layer = next
            for node in 0..<count { for column in 0..<width { sum[node][column] += layer[node][column] } }
        }
        return sum.map { $0.map { $0 / Double(layers + 1) } }
    }

    func loss(_ own: [Double], pairs: [(user: Int, item: Int, other: Int)], λ: Double) -> Double {
        let vectors = vectors(own)
        func score(_ user: Int, _ item: Int) -> Double { zip(vectors[user], vectors[users.count + item]).reduce(0) { $0 + $1.0 * $1.1 } }
        func norm(_ node: Int) -> Double { (0..<width).reduce(0) { $0 + own[node * width + $1] * own[node * width + $1] } }
        let sum = pairs.reduce(0.0) { sum, pair in
            let margin = score(pair.user, pair.item) - score(pair.user, pair.other)
            return sum + Kernels.softplus(Float(-margin)).asDouble + λ / 2 * (norm(pair.user) + norm(users.count + pair.item) + norm(users.count + pair.other))
        }
        return sum / Double(pairs.count)
    }
}

extension Float {
    fileprivate var asDouble: Double { Double(self) }
}

@Suite struct LightGCNTrainingTests {
    static let histories: [[Int32]] = [[0, 1, 2], [2, 3], [4, 5, 1, 1], [6], [0, 5, 6, 3], [2, 6]]
    static let itemCount = 8

    private func algorithm(layers: Int, batchSize: Int = 1000, workers: Int = 2) throws -> LightGCNPooledAlgorithm {
        let configuration = ModelConfiguration.lightGCN(LightGCNConfiguration(dimension: 3, layers: layers, regularization: 0.05))
        let training = TrainingConfiguration(unit: .silo, optimizer: .adam(learningRate: 0.05), batchSize: batchSize, minimumEvents: 2)
        let pooled = try configuration.pooledAlgorithm(
            users: UserSequences(Self.histories + [[3, 3]]), itemCount: Self.itemCount,
            settings: PooledSettings(training: training), workers: workers, stream: RandomStream(seed: 8))
        return try #require(pooled as? LightGCNPooledAlgorithm)
    }

    /// User 3 has one event and does not train; user 6 has met one item twice.
    private func reference(layers: Int) -> DenseLightGCN {
        let users = [[0, 1, 2], [2, 3], [1, 4, 5], [0, 3, 5, 6], [2, 6], [3]]
        return DenseLightGCN(users: users, itemCount: Self.itemCount, width: 3, layers: layers)
    }

    @Test("A history's scores are those of the dense definition", arguments: 1...4)
    func scores(layers: Int) async throws {
        var algorithm = try algorithm(layers: layers)
        _ = try await algorithm.runEpoch(0, stream: Fixtures.stream)
        let dense = reference(layers: layers)
        let (users, items) = (try #require(algorithm.state["users"]).map(Double.init), try #require(algorithm.state["items"]).map(Double.init))
        let trained = dense.vectors(users + items)
        // Whoever is served has no vector of his own.
        let served = dense.vectors(users.map { _ in 0 } + items)
        let model = try ModelConfiguration.lightGCN(LightGCNConfiguration(dimension: 3, layers: layers)).recommender(itemCount: Self.itemCount)
        for (user, met) in dense.users.enumerated() {
            let scores = model.scores(algorithm.parameters, histories: [met.map { Int32($0) }[...]])
            for item in 0..<Self.itemCount {
                let expected = zip(served[user], trained[dense.users.count + item]).reduce(0) { $0 + $1.0 * $1.1 }
                #expect(abs(Double(scores[item]) - expected) < 1e-5)
            }
        }
    }

    @Test("The first step goes along the slope of the dense loss", arguments: 1...4)
    func slope(layers: Int) async throws {
        var algorithm = try algorithm(layers: layers)
        let own = try ["users", "items"].flatMap { try #require(algorithm.state[$0]).map(Double.init) }
        _ = try await algorithm.runEpoch(0, stream: Fixtures.stream)
        // After one step Adam's mean is a tenth of the gradient.
        let gradient = try ["user means", "means"].flatMap { try #require(algorithm.state[$0]).map { Double($0) * 10 } }
        #expect(algorithm.state["steps"] == [1])
        let dense = reference(layers: layers)
        let pairs = try drawnPairs(dense, layers: layers)
        for place in own.indices {
            var (above, below) = (own, own)
            above[place] += 1e-2
            below[place] -= 1e-2
            let slope = (dense.loss(above, pairs: pairs, λ: 0.05) - dense.loss(below, pairs: pairs, λ: 0.05)) / 2e-2
            #expect(abs(gradient[place] - slope) < 1e-4 + 1e-2 * abs(slope), "place \(place)")
        }
    }

    /// The pairs of the first epoch's only step, drawn as documented: edges shuffled, an item not met for each.
    private func drawnPairs(_ dense: DenseLightGCN, layers: Int) throws -> [(user: Int, item: Int, other: Int)] {
        let edges = dense.users.enumerated().flatMap { user, met in met.map { (user, $0) } }
        var order = Array(edges.indices)
        var shuffle = Fixtures.stream.child("shuffle").child(0)
        shuffle.shuffle(&order)
        var numbers = Fixtures.stream.child("step").child(0).child("negatives")
        return order.map { edge in
            var other = numbers.below(Self.itemCount)
            while dense.users[edges[edge].0].contains(other) { other = numbers.below(Self.itemCount) }
            return (edges[edge].0, edges[edge].1, other)
        }
    }

    @Test("Training is the same for any number of workers and after a restart, and lowers the loss")
    func deterministic() async throws {
        var (one, many) = (try algorithm(layers: 3, batchSize: 4, workers: 1), try algorithm(layers: 3, batchSize: 4, workers: 7))
        var losses: [Double] = []
        for epoch in 0..<20 {
            losses.append(try await one.runEpoch(epoch, stream: Fixtures.stream).loss)
            _ = try await many.runEpoch(epoch, stream: Fixtures.stream)
        }
        #expect(one.parameters == many.parameters)
        #expect(losses[15...].reduce(0, +) < losses[..<5].reduce(0, +))
        var resumed = try algorithm(layers: 3, batchSize: 4)
        try resumed.restore(one.state)
        _ = try await one.runEpoch(20, stream: Fixtures.stream)
        _ = try await resumed.runEpoch(20, stream: Fixtures.stream)
        #expect(resumed.state == one.state)
        #expect(throws: TrainingError.self) { try resumed.restore([:]) }
    }
}
