import LocalTraining
import RecommenderModels
import SeededRandom
import Testing

@Suite struct SASRecTrainingTests {
    static let losses: [SequenceLoss] = [
        .crossEntropy, .binaryCrossEntropy(negatives: 1, shared: false), .generalizedBCE(negatives: 6, calibration: 0.75, shared: true),
    ]

    static func model(_ loss: SequenceLoss) -> ModelConfiguration {
        .sasRec(SASRecConfiguration(dimension: 8, heads: 2, maximumLength: 10, loss: loss))
    }

    @Test("A silo's update of SASRec is bit-identical for 1, 2 and 3 workers", arguments: losses)
    func silo(loss: SequenceLoss) async throws {
        let users = Fixtures.users(70)
        var updates: [SiloUpdate] = []
        for workers in 1...3 {
            let trainer = try Fixtures.trainer(Self.model(loss), unit: .silo, workers: workers)
            let start = trainer.model.initialParameters(RandomStream(seed: 1))
            updates.append(try await trainer.trainSilo(from: start, users: users, stream: RandomStream(seed: 2)))
        }
        #expect(updates[0] == updates[1] && updates[0] == updates[2])
    }

    @Test("Training lowers SASRec's loss", arguments: Array(losses.prefix(2)))
    func learns(loss: SequenceLoss) async throws {
        let trainer = try Fixtures.trainer(Self.model(loss), unit: .silo, epochs: 1)
        let users = Fixtures.users(70)
        var parameters = trainer.model.initialParameters(RandomStream(seed: 1))
        var means: [Double] = []
        for round in 0..<12 {
            let update = try await trainer.trainSilo(from: parameters, users: users, stream: RandomStream(seed: 2).child(round))
            for index in parameters.indices { parameters[index] += update.delta[index] }
            means.append(update.lossSum / Double(update.targetCount))
        }
        #expect(means[11] < 0.9 * means[0])
    }
}
