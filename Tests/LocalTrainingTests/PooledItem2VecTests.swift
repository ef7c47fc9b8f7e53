import Foundation
import Interactions
import LocalTraining
import RecommenderModels
import Tensors
import SeededRandom
import Testing

@Suite struct PooledItem2VecTests {
    @Test("A pass of one shard is the slow walk through its windows", arguments: [Float(0), 0.02], [false, true])
    func reference(subsampling: Float, directed: Bool) async throws {
        let (D, V, rate) = (6, Fixtures.itemCount, 0.1)
        let users = Fixtures.users(12)
        let configuration = Item2VecConfiguration(dimension: D, window: 3, negatives: 4, subsampling: subsampling, directed: directed)
        let model = try #require(ModelConfiguration.item2Vec(configuration).recommender(itemCount: V) as? Item2Vec)
        var drawn = RandomStream(seed: 3, "start")
        let parameters = (0..<model.layout.count).map { _ in drawn.uniformFloat() - 0.5 }
        let settings = PooledSettings(
            training: TrainingConfiguration(unit: .silo, optimizer: .sgd(learningRate: Float(rate), momentum: 0), epochs: 1))
        var algorithm = try PooledItem2Vec(model, parameters: parameters, users: users, settings: settings, workers: 2)

        var numbers = Fixtures.stream.child("item2vec").child(0)
        var order = Array(0..<users.userCount)
        numbers.shuffle(&order)
        let key = numbers.next()
        var u = (0..<V).map { parameters[$0 * D..<$0 * D + D].map(Double.init) }
        var v = (0..<V).map { parameters[(V + $0) * D..<(V + $0) * D + D].map(Double.init) }
        var counts = [Int](repeating: 0, count: V)
        for item in users.items { counts[Int(item)] += 1 }
        var (loss, pairs) = (0.0, 0)
        for user in order where users[user].count >= 2 {
            let own = key &+ UInt64(user) &* 0x9E37_79B9_7F4A_7C15
            let kept = users[user].map(Int.init).enumerated().filter { place, item in
                if subsampling == 0 { return true }
                let share = Double(subsampling) * Double(users.eventCount) / Double(counts[item])
                let limit = UInt32(min(1, share.squareRoot() + share) * Double(UInt32.max))
                return UInt32(HashedDraws.numbered(own, place) >> 32) <= limit
            }.map(\.1)
            for center in kept.indices {
                let draws = HashedDraws.numbered(own ^ 0x6A09_E667_F3BC_C909, center)
                let reach = 1 + HashedDraws.below(3, draws)
                let contexts = kept.indices.filter { $0 != center && abs($0 - center) <= reach && (!directed || $0 < center) }.map { kept[$0] }
                let negatives = (0..<4).map { HashedDraws.below(V, HashedDraws.numbered(draws, $0)) }.filter { $0 != kept[center] }
                if contexts.isEmpty { continue }
                pairs += contexts.count
                let (inputs, outputs) = (u, v)
                for context in contexts {
                    for (rank, output) in ([kept[center]] + negatives).enumerated() {
                        let score = zip(inputs[context], outputs[output]).reduce(0) { $0 + $1.0 * $1.1 }
                        loss += log(1 + exp(rank == 0 ? -score : score))
                        let slope = rate * ((rank == 0 ? 1 : 0) - 1 / (1 + exp(-score)))
                        u[context] = zip(u[context], outputs[output]).map { $0 + slope * $1 }
                        v[output] = zip(v[output], inputs[context]).map { $0 + slope * $1 }
                    }
                }
            }
        }
        let sum = try await algorithm.runEpoch(0, stream: Fixtures.stream)
        #expect(sum.targets == pairs && pairs > 50)
        #expect(abs(sum.loss - loss) < 1e-4 * loss)
        for (found, expected) in zip(algorithm.parameters, (u + v).flatMap { $0 }) { #expect(abs(Double(found) - expected) < 1e-4) }
    }
}
