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

    @Test("With items that were met left out, the loss is that of a softmax over the others and the target, and its gradient is the loss's")
    func leavesOutMet() throws {
        let V = 9
        let configuration = SASRecConfiguration(
            dimension: 4, blocks: 1, maximumLength: 5, activation: .gelu, positions: .oldestFirst, outputBias: true, embeddingDropout: 0,
            attentionDropout: 0, hiddenDropout: 0, leavesOutMet: true)
        let model = try ModelConfiguration.sasRec(configuration).recommender(itemCount: V)
        // The first is cut to its last six events; the second repeats its target.
        let sequences: [ArraySlice<Int32>] = [[3, 7, 1, 0, 8, 2, 6], [5, 5, 6, 5]]
        var numbers = RandomStream(seed: 7)
        var parameters = (0..<model.layout.count).map { _ in 1.2 * (numbers.uniformFloat() - 0.5) }
        var scratch = ScratchMemory()
        func loss() -> (LossSum, [Float]) {
            var gradient = GradientBuffer(model)
            let loss = model.accumulateGradient(
                parameters, sequences: sequences, negatives: [], stream: nil, weight: 1, into: &gradient, scratch: &scratch)
            return (loss, gradient.values)
        }
        var expected = 0.0
        for sequence in sequences {
            let read = Array(sequence.suffix(6))
            for position in 1..<read.count {
                let scores = model.scores(parameters, histories: [read[..<position]]).map(Double.init)
                let target = Int(read[position])
                let candidates = (0..<V).filter { $0 == target || !read.contains(Int32($0)) }
                expected += log(candidates.reduce(0) { $0 + exp(scores[$1]) }) - scores[target]
            }
        }
        let (value, gradient) = loss()
        #expect(value.targets == 8)
        #expect(abs(value.loss - expected) < 1e-5 * expected)
        for tensor in model.layout.tensors {
            for index in tensor.range {
                let kept = parameters[index]
                parameters[index] = kept + 2e-3
                let above = loss().0.loss
                parameters[index] = kept - 2e-3
                let below = loss().0.loss
                parameters[index] = kept
                let slope = (above - below) / 4e-3
                #expect(abs(slope - Double(gradient[index])) < 0.01 * max(1, abs(slope)), "\(tensor.name) \(index)")
            }
        }
    }

    @Test("Only full cross-entropy can leave items out")
    func validation() {
        let configuration = SASRecConfiguration(loss: .bpr(negatives: 1, shared: false), leavesOutMet: true)
        #expect(throws: ModelError.self) { try ModelConfiguration.sasRec(configuration).recommender(itemCount: 5) }
    }
}
