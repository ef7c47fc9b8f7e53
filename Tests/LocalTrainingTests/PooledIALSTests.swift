import Foundation
import Interactions
import LocalTraining
import RecommenderModels
import SeededRandom
import Tensors
import Testing

@Suite struct PooledIALSTests {
    static let users = Fixtures.users(60)
    static let stream = Fixtures.stream

    static func parts(_ configuration: IALSConfiguration) throws -> (model: IALS, algorithm: PooledIALS) {
        let model = try #require(ModelConfiguration.ials(configuration).recommender(itemCount: Fixtures.itemCount) as? IALS)
        let parameters = model.initialParameters(Self.stream)
        return (model, try PooledIALS(model, parameters: parameters, users: Self.users, workers: 2))
    }

    /// (Σ_own y yᵀ + α₀ Σ_all y yᵀ + ridge I) x = Σ_own y by Gaussian elimination, in Double.
    static func solved(_ own: Set<Int>, _ table: [[Double]], unobserved: Double, ridge: Double) -> [Double] {
        let D = table[0].count
        var rows = (0..<D).map { i in (0...D).map { $0 == i ? ridge : 0 } }
        for (index, y) in table.enumerated() {
            for i in 0..<D {
                for j in 0..<D { rows[i][j] += ((own.contains(index) ? 1 : 0) + unobserved) * y[i] * y[j] }
                if own.contains(index) { rows[i][D] += y[i] }
            }
        }
        for pivot in 0..<D {
            for i in 0..<D where i != pivot {
                let factor = rows[i][pivot] / rows[pivot][pivot]
                for j in pivot...D { rows[i][j] -= factor * rows[pivot][j] }
            }
        }
        return own.isEmpty ? [Double](repeating: 0, count: D) : (0..<D).map { rows[$0][D] / rows[$0][$0] }
    }

    @Test("A sweep is what the normal equations give, and its loss the objective", arguments: [3, 16, 21, 70], [Float(1), 0.5])
    func normalEquations(dimension: Int, exponent: Float) async throws {
        let configuration = IALSConfiguration(
            dimension: dimension, regularization: 0.02, regularizationExponent: exponent, unobservedWeight: 0.3, solverSteps: 0)
        var (model, algorithm) = try Self.parts(configuration)
        let (V, U, α) = (Fixtures.itemCount, Self.users.userCount, Double(configuration.unobservedWeight))
        var items = rows(model.initialParameters(Self.stream), dimension)
        let own = (0..<U).map { Set(Self.users[$0].map(Int.init)) }
        func ridge(_ n: Int, _ M: Int) -> Double { 0.02 * Double(M) * pow(Double(n) / Double(M) + α, Double(exponent)) }
        let vectors = own.map { Self.solved($0, items, unobserved: α, ridge: ridge($0.count, V)) }
        let events = (0..<V).map { item in Set((0..<U).filter { own[$0].contains(item) }) }
        items = events.map { Self.solved($0, vectors, unobserved: α, ridge: ridge($0.count, U)) }
        var objective = 0.0
        for user in 0..<U {
            objective += ridge(own[user].count, V) * vectors[user].reduce(0) { $0 + $1 * $1 }
            for item in 0..<V {
                let score = zip(vectors[user], items[item]).reduce(0) { $0 + $1.0 * $1.1 }
                objective += α * score * score + (own[user].contains(item) ? (score - 1) * (score - 1) : 0)
            }
        }
        for item in 0..<V { objective += ridge(events[item].count, U) * items[item].reduce(0) { $0 + $1 * $1 } }
        let loss = try await algorithm.runEpoch(0, stream: Self.stream)
        for (found, expected) in zip(algorithm.parameters, items.flatMap { $0 }) { #expect(abs(Double(found) - expected) < 2e-3 * (1 + abs(expected))) }
        #expect(abs(loss.loss - objective) < 1e-3 * objective)
        #expect(loss.targets == own.reduce(0) { $0 + $1.count })
    }

    private func rows(_ flat: [Float], _ width: Int) -> [[Double]] {
        stride(from: 0, to: flat.count, by: width).map { flat[$0..<$0 + width].map(Double.init) }
    }

    @Test("The loss of exact sweeps never increases, and conjugate gradient reaches the same")
    func loss() async throws {
        var (_, exact) = try Self.parts(IALSConfiguration(dimension: 12, solverSteps: 0))
        var losses: [Double] = []
        for epoch in 0..<30 { losses.append(try await exact.runEpoch(epoch, stream: Self.stream).loss) }
        for (before, after) in zip(losses, losses.dropFirst()) { #expect(after <= before * (1 + 1e-6)) }
        var (_, steps) = try Self.parts(IALSConfiguration(dimension: 12, solverSteps: 3))
        var last = 0.0
        // Three steps of conjugate gradient leave a sweep unfinished, so that more sweeps are needed.
        for epoch in 0..<60 { last = try await steps.runEpoch(epoch, stream: Self.stream).loss }
        #expect(abs(last - losses[29]) < 0.02 * losses[29])
    }

    @Test("Rounds over users' statistics are the pooled sweeps", arguments: [Float(1)])
    func statistics(exponent: Float) async throws {
        let configuration = IALSConfiguration(dimension: 6, regularization: 0.02, regularizationExponent: exponent, solverSteps: 0)
        let model = try #require(ModelConfiguration.ialsStatistics(configuration).recommender(itemCount: Fixtures.itemCount) as? IALSStatistics)
        var mean = model.initialParameters(Self.stream)
        let pooled = try #require(ModelConfiguration.ials(configuration).recommender(itemCount: Fixtures.itemCount) as? IALS)
        var algorithm = try PooledIALS(pooled, parameters: model.itemVectors(mean), users: Self.users, workers: 1)
        var scratch = ScratchMemory()
        for round in 0..<3 {
            _ = try await algorithm.runEpoch(round, stream: Self.stream)
            let solution = model.solution(mean)
            var sum = GradientBuffer(model)
            for user in 0..<Self.users.userCount {
                model.accumulateStatistic(solution, events: Self.users[user], into: &sum, scratch: &scratch)
            }
            mean = sum.values.map { $0 / Float(Self.users.userCount) }
            for (found, expected) in zip(model.itemVectors(mean), algorithm.parameters) { #expect(abs(found - expected) < 2e-3) }
        }
    }
}
