import LocalTraining
import RecommenderModels
import SeededRandom
import Testing

@Suite("Early stopping")
struct EarlyStoppingTests {
    /// Its parameters are the number of epochs it ran.
    private struct Counting: PooledAlgorithm {
        var parameters: [Float] = [0]
        mutating func runEpoch(_ epoch: Int, stream: RandomStream) async throws -> LossSum {
            parameters = [Float(epoch + 1)]
            return LossSum(loss: 4, targets: 2)
        }
        var state: [String: [Float]] { ["parameters": parameters] }
        mutating func restore(_ state: [String: [Float]]) throws { parameters = state["parameters"] ?? [] }
    }

    private func run(_ figures: [Double], _ stopping: EarlyStopping) async throws -> (PooledStanding, [EpochRecord]) {
        var run = PooledRun(Counting(), epochs: figures.count, stopping: stopping, stream: RandomStream(seed: 1))
        var records: [EpochRecord] = []
        while !run.isFinished { records.append(try await run.runEpoch { figures[Int($0[0]) - 1] }) }
        return (run.standing, records)
    }

    @Test("the best epoch is chosen, of equals the first, and patience counts from it")
    func patience() async throws {
        let (standing, records) = try await run([0.1, 0.3, 0.2, 0.3, 0.25, 0.9], EarlyStopping(patience: 3))
        #expect(standing.bestEpoch == 2 && standing.bestValue == 0.3 && standing.bestParameters == [2])
        #expect(records.count == 5)
        #expect(records.map(\.isBest) == [true, true, false, false, false])
        #expect(records[0].loss == 2)
    }

    @Test("without patience all epochs run")
    func patient() async throws {
        let (standing, records) = try await run([0.5, 0.3, 0.2, 0.6], EarlyStopping())
        #expect(standing.bestEpoch == 4 && records.count == 4)
    }

    @Test("only every so many epochs and the last one are evaluated")
    func every() async throws {
        let (standing, records) = try await run([0.9, 0.1, 0.8, 0.2, 0.7], EarlyStopping(every: 2))
        #expect(records.map(\.validation) == [nil, 0.1, nil, 0.2, 0.7])
        #expect(standing.bestEpoch == 5)
    }

    @Test("a figure that is not a number is never the best after a number")
    func notANumber() async throws {
        let (standing, _) = try await run([0.1, .nan], EarlyStopping())
        #expect(standing.bestEpoch == 1)
    }

    @Test("without validation the last epoch is taken")
    func unvalidated() async throws {
        var run = PooledRun(Counting(), epochs: 3, stopping: EarlyStopping(patience: 1), stream: RandomStream(seed: 1))
        while !run.isFinished { _ = try await run.runEpoch(validate: nil) }
        #expect(run.standing.bestEpoch == 3 && run.standing.bestValue == nil && run.standing.bestParameters == [3])
    }

    @Test("a checkpoint of another recipe or data, or a damaged one, is refused by name")
    func refused() async throws {
        let run = PooledRun(Counting(), epochs: 3, stopping: EarlyStopping(), stream: RandomStream(seed: 1))
        let bytes = run.checkpoint.encoded(identity: ["recipe": "a", "data": "b"])
        #expect(throws: Never.self) { try PooledCheckpoint(decoding: bytes, identity: ["recipe": "a", "data": "b"]) }
        #expect { try PooledCheckpoint(decoding: bytes, identity: ["recipe": "x", "data": "b"]) } throws: { "\($0)".contains("another recipe") }
        #expect { try PooledCheckpoint(decoding: bytes, identity: ["recipe": "a", "data": "x"]) } throws: { "\($0)".contains("another data") }
        #expect(throws: (any Error).self) { try PooledCheckpoint(decoding: Array(bytes.dropLast(3)), identity: ["recipe": "a", "data": "b"]) }
    }
}
