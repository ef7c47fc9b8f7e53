import RecommenderModels
import SeededRandom
import Tensors
import Testing

@Suite struct LightGCNTests {
    private func model(_ λ: Float) throws -> any Recommender {
        try ModelConfiguration.lightGCN(LightGCNConfiguration(dimension: 3, regularization: λ)).recommender(itemCount: 9)
    }

    @Test("The gradient on a node agrees with central differences in both tables", arguments: [0, 0.2] as [Float])
    func centralDifferences(λ: Float) throws {
        let model = try model(λ)
        var parameters = model.initialParameters(RandomStream(seed: 1))
        let sequences: [ArraySlice<Int32>] = [[3, 7, 1, 3], [5], [8, 4]]
        var scratch = ScratchMemory()
        func evaluate(_ gradient: inout GradientBuffer) -> LossSum {
            model.accumulateGradient(
                parameters, sequences: sequences, negatives: [], stream: RandomStream(seed: 2), weight: 0.5, into: &gradient, scratch: &scratch)
        }
        var gradient = GradientBuffer(model)
        #expect(evaluate(&gradient).targets == model.targetCount(of: sequences))
        #expect(model.targetCount(of: sequences) == 5)
        var outside = gradient.values
        for range in gradient.activeRanges { for index in range { outside[index] = 0 } }
        #expect(outside.allSatisfy { $0 == 0 })
        var ignored = GradientBuffer(model)
        for index in parameters.indices {
            let value = parameters[index]
            parameters[index] = value + 0x1p-7
            let above = evaluate(&ignored).loss
            parameters[index] = value - 0x1p-7
            let below = evaluate(&ignored).loss
            parameters[index] = value
            let slope = 0.5 * (above - below) / 0x1p-6
            #expect(abs(Double(gradient.values[index]) - slope) < 2e-3 * (1 + abs(slope)), "\(index)")
        }
    }

    @Test("A user who has met everything, or one thing, gives nothing")
    func nothingToLearn() throws {
        let model = try model(0.1)
        var gradient = GradientBuffer(model)
        var scratch = ScratchMemory()
        let sequences: [ArraySlice<Int32>] = [[0, 1, 2, 3, 4, 5, 6, 7, 8], [2, 2, 2]]
        let sum = model.accumulateGradient(
            model.initialParameters(RandomStream(seed: 1)), sequences: sequences, negatives: [], stream: nil, weight: 1, into: &gradient, scratch: &scratch)
        #expect(sum == LossSum())
        #expect(gradient.values.allSatisfy { $0 == 0 })
    }

    @Test("Vectors and queries give the scores") func innerProducts() throws {
        let model = try model(0)
        let prepared = model.prepared(model.initialParameters(RandomStream(seed: 1)))
        let histories: [ArraySlice<Int32>] = [[2, 5, 2], []]
        let items = try #require(prepared.itemVectors)
        let (queries, scores) = (prepared.queries(histories: histories), prepared.scores(histories: histories))
        for row in 0..<2 {
            for item in 0..<9 {
                let product = (0..<3).reduce(Float(0)) { $0 + queries[row * 3 + $1] * items.vectors[item * 3 + $1] }
                #expect(abs(product - scores[row * 9 + item]) < 1e-5)
            }
        }
    }
}
