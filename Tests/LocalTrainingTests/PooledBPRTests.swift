import Foundation
import Interactions
import LocalTraining
import RecommenderModels
import Tensors
import SeededRandom
import Testing

@Suite struct PooledBPRTests {
    @Test("A pass of one batch is the slow walk through its events: users first, then items")
    func reference() async throws {
        let (D, V, rate, λ) = (5, Fixtures.itemCount, 0.05, 0.1)
        let users = Fixtures.users(30)
        let configuration = ModelConfiguration.bprMF(BPRMFConfiguration(dimension: D, regularization: Float(λ)))
        let model = try #require(configuration.recommender(itemCount: V) as? BPRMF)
        var parameters = model.initialParameters(Fixtures.stream)
        for item in 0..<V { parameters[V * D + item] = Float(item) / 10 }
        let settings = PooledSettings(
            training: TrainingConfiguration(
                unit: .silo, optimizer: .sgd(learningRate: Float(rate), momentum: 0), epochs: 1, batchSize: 10_000))
        var algorithm = try PooledBPR(
            model, parameters: parameters, users: users, settings: settings, stream: Fixtures.stream, workers: 2)

        var numbers = Fixtures.stream.child("bpr").child(0)
        _ = numbers.next()
        let key = numbers.next()
        let width = (algorithm.state["user.vectors"] ?? []).count / users.userCount
        var p = try (0..<users.userCount).map { user in
            try #require(algorithm.state["user.vectors"])[user * width..<user * width + D].map(Double.init)
        }
        var q = (0..<V).map { parameters[$0 * D..<$0 * D + D].map(Double.init) }
        var b = parameters[(V * D)...].map(Double.init)
        var (event, loss, pairs) = (0, 0.0, 0)
        var moves: [(item: Int, user: Int, pull: Double)] = []
        for user in 0..<users.userCount {
            let own = Set(users[user])
            for item in own.sorted().map(Int.init) {
                let candidates = (0..<32).map { attempt in
                    HashedDraws.below(V, HashedDraws.numbered(key &+ UInt64(attempt) &* 0xD1B5_4A32_D192_ED03, event))
                }
                event += 1
                guard let other = candidates.first(where: { !own.contains(Int32($0)) }) else { continue }
                let difference = zip(q[item], q[other]).map { $0 - $1 }
                let margin = zip(p[user], difference).reduce(b[item] - b[other]) { $0 + $1.0 * $1.1 }
                let pull = 1 / (1 + exp(margin))
                loss += log(1 + exp(-margin))
                pairs += 1
                p[user] = zip(p[user], difference).map { (1 - rate * λ) * $0 + rate * pull * $1 }
                moves += [(item, user, pull), (other, user, -pull)]
            }
        }
        for move in moves {
            q[move.item] = zip(q[move.item], p[move.user]).map { (1 - rate * λ) * $0 + rate * move.pull * $1 }
            b[move.item] = (1 - rate * λ) * b[move.item] + rate * move.pull
        }
        let sum = try await algorithm.runEpoch(0, stream: Fixtures.stream)
        #expect(sum.targets == pairs && pairs > 100)
        #expect(abs(sum.loss - loss) < 1e-4 * loss)
        for (found, expected) in zip(algorithm.parameters, q.flatMap { $0 } + b) { #expect(abs(Double(found) - expected) < 1e-4) }
    }

    @Test("Users who met everything are passed over")
    func nothingToRank() async throws {
        let model = try #require(
            ModelConfiguration.bprMF(BPRMFConfiguration(dimension: 4)).recommender(itemCount: 3) as? BPRMF)
        var algorithm = try PooledBPR(
            model, parameters: model.initialParameters(Fixtures.stream), users: UserSequences([[0, 1, 2], [0, 1, 2, 2]]),
            settings: PooledFactorTests.settings(), stream: Fixtures.stream, workers: 1)
        #expect(try await algorithm.runEpoch(0, stream: Fixtures.stream) == LossSum())
    }
}
