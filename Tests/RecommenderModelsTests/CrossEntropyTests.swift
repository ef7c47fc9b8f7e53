import Foundation
import RecommenderModels
import SeededRandom
import Tensors
import Testing

@Suite struct CrossEntropyTests {
    /// Vectors so wide that the items are scored in several tiles, and positions enough for several blocks, the last one not full.
    @Test("The full cross-entropy in tiles and blocks is that of the scores")
    func tiles() throws {
        let (V, D, N) = (250, 300, 70)
        let configuration = SASRecConfiguration(
            dimension: D, blocks: 1, maximumLength: N, positions: .oldestFirst, tiedEmbeddings: false, outputBias: true, embeddingDropout: 0,
            attentionDropout: 0, hiddenDropout: 0)
        let model = try ModelConfiguration.sasRec(configuration).recommender(itemCount: V)
        var numbers = RandomStream(seed: 5)
        var parameters = model.initialParameters(RandomStream(seed: 1))
        let bias = try #require(model.layout["output.bias"]).range
        let vectors = try #require(model.layout["output.embedding"]).range
        for index in vectors { parameters[index] *= 5 }
        for index in bias { parameters[index] = numbers.uniformFloat() - 0.5 }
        let events = (0...N).map { _ in Int32(numbers.below(V)) }
        var gradient = GradientBuffer(model)
        var scratch = ScratchMemory()
        let loss = model.accumulateGradient(
            parameters, sequences: [events[...]], negatives: [], stream: nil, weight: 0.5, into: &gradient, scratch: &scratch)

        let histories = (1...N).map { events[..<$0] }
        let scores = model.scores(parameters, histories: histories)
        let queries = model.prepared(parameters).queries(histories: histories)
        var expectedLoss = 0.0
        var biasGradient = [Double](repeating: 0, count: V)
        var vectorGradient = [Double](repeating: 0, count: V * D)
        var queryGradient = [Double](repeating: 0, count: D)
        for position in 0..<N {
            let row = scores[position * V..<(position + 1) * V].map(Double.init)
            let total = row.reduce(0) { $0 + exp($1) }
            let target = Int(events[position + 1])
            expectedLoss += log(total) - row[target]
            for item in 0..<V {
                let slope = 0.5 * (exp(row[item]) / total - (item == target ? 1 : 0))
                biasGradient[item] += slope
                for i in 0..<D {
                    vectorGradient[item * D + i] += slope * Double(queries[position * D + i])
                    queryGradient[i] += slope * Double(parameters[vectors.lowerBound + item * D + i])
                }
            }
        }
        #expect(loss.targets == N)
        #expect(abs(loss.loss - expectedLoss) < 1e-5 * expectedLoss)
        // The last normalisation's bias is added to every query.
        let lastBias = try #require(model.layout["last_norm.bias"]).range
        for (range, expected) in [(bias, biasGradient), (vectors, vectorGradient), (lastBias, queryGradient)] {
            let distance = zip(range, expected).map { abs(Double(gradient.values[$0]) - $1) }.max() ?? 1
            #expect(distance < 1e-4)
        }
    }
}
