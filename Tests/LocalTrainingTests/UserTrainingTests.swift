import DifferentialPrivacy
import Interactions
import LocalTraining
import RecommenderModels
import SeededRandom
import Tensors
import Testing

@Suite struct UserTrainingTests {
    static func sum(
        _ trainer: LocalTrainer, _ users: UserSequences, _ selected: [Int]? = nil, clip: Double = 1
    ) async throws -> UserSum {
        try await trainer.trainUsers(
            from: trainer.model.initialParameters(RandomStream(seed: 1)), users: users, selected: selected ?? Array(0..<users.userCount),
            stream: Fixtures.stream, quantizer: Fixtures.quantizer(trainer, clip: clip))
    }

    @Test("Neither the users' order nor the number of workers changes the sum", arguments: Fixtures.models)
    func order(model: ModelConfiguration) async throws {
        let users = Fixtures.users(25)
        let alone = try await Self.sum(Fixtures.trainer(model, unit: .perUser, workers: 1), users)
        for workers in [2, 3, 30] {
            let trainer = try Fixtures.trainer(model, unit: .perUser, workers: workers)
            #expect(try await Self.sum(trainer, users, Array((0..<25).reversed())) == alone)
        }
        #expect(alone.sum.contains { $0 != 0 })
        // A user who knows every item leaves BPR-MF nothing to rank.
        let isBPRMF = if case .bprMF = model { true } else { false }
        #expect(alone.contributingUsers == (0..<25).count { !isBPRMF || Set(users[$0]).count < Fixtures.itemCount })
    }

    @Test("Adding a user adds that user's integers and changes no other's", arguments: Fixtures.models, Fixtures.optimizers)
    func neighbours(model: ModelConfiguration, optimizer: LocalOptimizer) async throws {
        let trainer = try Fixtures.trainer(model, unit: .perUser, optimizer: optimizer)
        let sequences: [[Int32]] = [[1, 2, 3, 4], [9, 8, 7], [22, 0, 22, 5, 5, 5, 5, 5, 17, 3, 2, 1]]
        let without = try await Self.sum(trainer, UserSequences(sequences))
        let added: [Int32] = [4, 4, 11, 13, 2]
        let with = try await Self.sum(trainer, UserSequences([added] + sequences))
        let alone = try await Self.sum(trainer, UserSequences([added]))
        #expect(with.sum == zip(without.sum, alone.sum).map { $0 + $1 })
        #expect(with.lossSum == without.lossSum + alone.lossSum)
        #expect(alone.sum.contains { $0 != 0 })
    }

    @Test("The sum of users is the sum of each alone, whatever the row it stands in", arguments: Fixtures.models)
    func separation(model: ModelConfiguration) async throws {
        let trainer = try Fixtures.trainer(model, unit: .perUser, workers: 1)
        let users = Fixtures.users(6)
        let together = try await Self.sum(trainer, users)
        var parts = [Int64](repeating: 0, count: together.sum.count)
        for user in 0..<users.userCount {
            let alone = try await Self.sum(trainer, UserSequences([Array(users[user])]))
            for index in parts.indices { parts[index] += alone.sum[index] }
        }
        #expect(parts == together.sum)
    }

    @Test("Windows that form several steps are walked through the oldest first, and one step with SGD equals a walk of one step")
    func steps() async throws {
        let model = Fixtures.gru(.crossEntropy, dropout: 0)
        func delta(_ batchSize: Int, _ events: [Int32], from parameters: [Float]? = nil, epochs: Int = 1) async throws -> [Float] {
            let trainer = try Fixtures.trainer(
                model, unit: .perUser, optimizer: .sgd(learningRate: 0.5, momentum: 0), epochs: epochs, batchSize: batchSize, workers: 1)
            let sum = try await trainer.trainUsers(
                from: parameters ?? trainer.model.initialParameters(RandomStream(seed: 1)), users: UserSequences([events]), selected: [0],
                stream: Fixtures.stream, quantizer: UserQuantizer(bound: .clip(100), scale: 0x1p20, dimension: trainer.model.layout.count))
            #expect(sum.clippedUsers == 0)
            return sum.sum.map { Float($0) / 0x1p20 }
        }
        func isNear(_ left: [Float], _ right: [Float]) -> Bool { zip(left, right).allSatisfy { abs($0 - $1) < 4e-6 } && left.contains { abs($0) > 1e-3 } }
        let start = try Fixtures.trainer(model, unit: .perUser).model.initialParameters(RandomStream(seed: 1))
        let events = (0..<21).map { Int32($0 * $0 % 23) }
        let both = try await delta(1, events)
        let first = try await delta(1, Array(events[..<11]))
        let second = try await delta(1, Array(events[10...]), from: zip(start, first).map { $0 + $1 })
        #expect(isNear(both, zip(first, second).map { $0 + $1 }))
        let once = try await delta(2, events)
        #expect(!isNear(once, both))
        let twice = try await delta(2, events, epochs: 2)
        let again = try await delta(2, events, from: zip(start, once).map { $0 + $1 })
        #expect(isNear(twice, zip(once, again).map { $0 + $1 }))
    }

    @Test("Only selected users with enough events take part")
    func selection() async throws {
        let trainer = try Fixtures.trainer(Fixtures.models[0], unit: .perUser, minimumEvents: 4)
        let users = UserSequences([[1, 2, 3, 4], [1, 2, 3], [], [5, 6, 7, 8, 9]])
        let sum = try await Self.sum(trainer, users)
        #expect(sum.contributingUsers == 2)
        #expect(sum.targetCount == 2 * (3 + 4))
        #expect(try await Self.sum(trainer, users, [0, 1]).contributingUsers == 1)
        let none = try await Self.sum(trainer, users, [])
        #expect(none.sum.allSatisfy { $0 == 0 } && none.contributingUsers == 0)
    }

    @Test("Long deltas are clipped and counted; the norm of one user's integers stays within the bound")
    func clipping() async throws {
        let trainer = try Fixtures.trainer(Fixtures.models[0], unit: .perUser, optimizer: .sgd(learningRate: 50, momentum: 0))
        let sum = try await Self.sum(trainer, UserSequences([[1, 2, 3, 4, 5]]), clip: 0.25)
        #expect(sum.clippedUsers == 1)
        let norm = sum.sum.reduce(0.0) { $0 + Double($1) * Double($1) }.squareRoot()
        #expect(norm <= 0.25 * 0x1p16 && norm > 0.24 * 0x1p16)
    }

    @Test("A delta that is not finite gives zeros, is counted, and leaves the next user's untouched")
    func nonFinite() async throws {
        let trainer = try Fixtures.trainer(
            Fixtures.models[0], unit: .perUser, optimizer: .sgd(learningRate: 1e30, momentum: 0), epochs: 3, workers: 1)
        let sum = try await Self.sum(trainer, UserSequences([[1, 2, 3], [4, 5, 6]]))
        #expect(sum.nonFiniteUsers == 2)
        #expect(sum.sum.allSatisfy { $0 == 0 })
    }

    @Test("Rounds of lone users lower the loss")
    func learns() async throws {
        let trainer = try Fixtures.trainer(Fixtures.models[0], unit: .perUser, optimizer: .adam(learningRate: 0.02), epochs: 5)
        let users = Fixtures.users(40)
        var parameters = trainer.model.initialParameters(RandomStream(seed: 1))
        var losses: [Double] = []
        for round in 0..<15 {
            let sum = try await trainer.trainUsers(
                from: parameters, users: users, selected: Array(0..<40), stream: Fixtures.stream.child(round),
                quantizer: Fixtures.quantizer(trainer, clip: 5))
            losses.append(sum.lossSum / Double(sum.targetCount))
            for index in parameters.indices { parameters[index] += Float(Double(sum.sum[index]) / 0x1p16 / 40) }
        }
        #expect(losses[14] < losses[0] * 0.95)
    }
}
