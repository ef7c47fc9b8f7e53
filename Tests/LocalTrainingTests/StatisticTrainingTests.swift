import DifferentialPrivacy
import Interactions
import LocalTraining
import RecommenderModels
import SeededRandom
import Tensors
import Testing

@Suite struct StatisticTrainingTests {
    static let models: [ModelConfiguration] = [
        .ease(EASEConfiguration()), .ease(EASEConfiguration(userWeight: .inverseCount)), .nmf(NMFConfiguration(dimension: 4)),
    ]
    static let users = Fixtures.users(41)

    private func parameters(_ trainer: LocalTrainer) -> [Float] { trainer.model.initialParameters(RandomStream(seed: 1)) }

    @Test("Silos' sums of clipped statistics add up to the pooled sum exactly, for any number of workers and any order", arguments: models)
    func exactSums(model: ModelConfiguration) async throws {
        let trainer = try Fixtures.trainer(model, unit: .perUser, workers: 3)
        let quantizer = try Fixtures.quantizer(trainer)
        func sum(_ users: [Int], workers: Int) async throws -> UserSum {
            try await Fixtures.trainer(model, unit: .perUser, workers: workers).trainUsers(
                from: parameters(trainer), users: Self.users, selected: users, stream: Fixtures.stream, quantizer: quantizer)
        }
        let all = try await sum(Array(0..<41), workers: 1)
        let reversed = try await sum((0..<41).reversed(), workers: 4)
        let (first, second) = (try await sum(Array(0..<17), workers: 2), try await sum(Array(17..<41), workers: 2))
        #expect(all == reversed)
        #expect(zip(first.sum, second.sum).map { $0 + $1 } == all.sum)
        #expect(all.contributingUsers == 41)
        #expect(all.sum.contains { $0 != 0 })
    }

    @Test("A silo's mean is that of its users and does not depend on the number of workers", arguments: models)
    func siloMean(model: ModelConfiguration) async throws {
        let one = try Fixtures.trainer(model, unit: .silo, workers: 1)
        let many = try Fixtures.trainer(model, unit: .silo, workers: 5)
        let update = try await one.trainSilo(from: parameters(one), users: Self.users, stream: Fixtures.stream)
        #expect(try await many.trainSilo(from: parameters(one), users: Self.users, stream: RandomStream(seed: 77)) == update)
        #expect(update.sequenceCount == 41)
        let statistics = try #require(one.model as? any StatisticRecommender)
        let solution = statistics.solution(parameters(one))
        var slow = [Double](repeating: 0, count: update.delta.count)
        for user in 0..<41 {
            var buffer = GradientBuffer(statistics)
            var scratch = ScratchMemory()
            statistics.accumulateStatistic(solution, events: Self.users[user].suffix(30), into: &buffer, scratch: &scratch)
            for (index, value) in buffer.values.enumerated() { slow[index] += Double(value) / 41 }
        }
        for (value, reference) in zip(update.delta, slow) { #expect(abs(Double(value) - reference) < 1e-5 * (1 + abs(reference))) }
    }

    @Test("A clipped statistic is no longer than the clip") func clipped() async throws {
        let trainer = try Fixtures.trainer(.ease(EASEConfiguration()), unit: .perUser)
        let quantizer = try Fixtures.quantizer(trainer)
        for user in 0..<41 {
            let one = try await trainer.trainUsers(
                from: parameters(trainer), users: Self.users, selected: [user], stream: Fixtures.stream, quantizer: quantizer)
            let norm = one.sum.reduce(0.0) { $0 + Double($1) * Double($1) }.squareRoot()
            #expect(norm <= 0x1p16)
        }
    }

    @Test("A pooled sweep is the silo's mean, and training goes on from a checkpoint", arguments: models)
    func pooled(model: ModelConfiguration) async throws {
        let trainer = try Fixtures.trainer(model, unit: .silo)
        let statistics = try #require(trainer.model as? any StatisticRecommender)
        let events: [ArraySlice<Int32>] = (0..<41).map { Self.users[$0].suffix(30) } + [[]]
        var algorithm = try StatisticPooledAlgorithm(model: statistics, users: events, parameters: parameters(trainer), workers: 2)
        _ = try await algorithm.runEpoch(0, stream: Fixtures.stream)
        #expect(try await trainer.trainSilo(from: parameters(trainer), users: Self.users, stream: Fixtures.stream).delta == algorithm.parameters)
        var resumed = try StatisticPooledAlgorithm(model: statistics, users: events, parameters: parameters(trainer), workers: 1)
        try resumed.restore(algorithm.state)
        _ = try await algorithm.runEpoch(1, stream: Fixtures.stream)
        _ = try await resumed.runEpoch(1, stream: Fixtures.stream)
        #expect(resumed.parameters == algorithm.parameters)
        #expect(throws: TrainingError.self) { try resumed.restore(["parameters": [1]]) }
        #expect(throws: TrainingError.self) {
            try StatisticPooledAlgorithm(model: statistics, users: [[]], parameters: parameters(trainer), workers: 1)
        }
    }
}
